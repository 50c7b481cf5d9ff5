-- When capacity_alert.lua tells, and when not.

---@param used number percent
local function publish(t, used, name)
  return t.call {
    method = "publish_service_capabilities",
    result = { capabilities = { share_backend_name = name or "pool-a", total_capacity_gb = 1000, free_capacity_gb = 1000 - 10 * used } },
  }.events
end

function test.tells_once_when_it_gets_full_and_once_when_there_is_room(t)
  t.expect(publish(t, 89)):is {}
  t.expect(t.state.get("raised")):is(nil)
  local full = publish(t, 90)
  t.expect(#full):is(1)
  t.expect(full):has { type = "capacity.full", subject = "pool-a", data = { percent = 90 } }
  t.expect(t.state.get("raised")):is(true)
  t.expect(publish(t, 95)):is {}
  t.expect(publish(t, 81)):is {}
  t.expect(publish(t, 80)):has { type = "capacity.available", data = { percent = 80 } }
  t.expect(t.state.get("raised")):is(false)
  t.expect(publish(t, 85)):is {}
end

function test.limits_are_options(t)
  t.options { full_percent = 50, room_percent = 40 }
  t.expect(publish(t, 50)):has { type = "capacity.full" }
  t.expect(publish(t, 41)):is {}
  t.expect(publish(t, 40)):has { type = "capacity.available" }
end

function test.a_limit_is_reached_exactly(t)
  t.options { full_percent = 93, room_percent = 45 }
  t.expect(publish(t, 93)):has { type = "capacity.full", data = { percent = 93 } }
  t.expect(publish(t, 45)):has { type = "capacity.available", data = { percent = 45 } }
end

function test.percents_are_whole(t)
  t.expect(publish(t, 90.55)):has { data = { percent = 90 } }
end

function test.a_back_end_without_a_name_is_the_service(t)
  t.service("nfs1")
  t.expect(publish(t, 99, "")):has { subject = "nfs1" }
end

test.table("unknown capacity", { { total = 0, events = 0 }, { total = -1, events = 0 }, { total = 1, events = 1 } }, function(t, row)
  local got = t.call {
    method = "publish_service_capabilities",
    result = { capabilities = { share_backend_name = "pool-a", total_capacity_gb = row.total, free_capacity_gb = 0 } },
  }
  t.expect(got.outcome):is("completed")
  t.expect(#got.events):is(row.events)
end)
