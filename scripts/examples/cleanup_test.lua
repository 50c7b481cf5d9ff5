-- What cleanup.lua remembers of a call, and whom it tells.

test.hook("cleanup.lua", { methods = { "create_share_instance", "create_snapshot" } })

local function create(more)
  local call = { method = "create_share_instance", context = { request_id = "req-1" }, args = { share = { id = "s-1" } } }
  for k, v in pairs(more or {}) do
    call[k] = v
  end
  return call
end

function test.what_is_begun_is_remembered(t)
  local got = t.call(create())
  local key = got.steps[1].returned
  t.expect(got.steps[1].effects):has {
    kind = "state", op = "set", key = key, value = { method = "create_share_instance", request_id = "req-1" },
    expires = "2026-01-02T00:00:00Z",
  }
  t.expect(key):matches("^s%-1/%x+%-")
  t.expect(t.state.all()):is {}
  t.expect(got.events):is {}
end

function test.a_driver_that_fails_may_have_left_something(t)
  local got = t.call(create { driver_error = { message = "no space", code = "no_space" } })
  t.expect(#got.events):is(1)
  t.expect(got.events):has { type = "cleanup.wanted", subject = "s-1", data = { method = "create_share_instance", why = "no space", certain = true } }
  t.expect(t.state.all()):is {}
end

function test.an_interrupted_call_may_have_done_its_work(t)
  local got = t.call(create { driver_error = { message = "the service was killed", code = "interrupted" } })
  t.expect(got.events):has { data = { certain = false } }
end

function test.a_refused_call_has_left_nothing(t)
  t.hook("name_policy.lua", { options = { required = true } })
  local got = t.call(create())
  t.expect(got.outcome):is("rejected")
  t.expect(got.events):is {}
  t.expect(t.state.all()):is {}
end

function test.a_snapshot(t)
  local got = t.call {
    method = "create_snapshot", args = { snapshot = { id = "sn-1" } }, driver_error = "no space",
  }
  t.expect(got.events):has { subject = "sn-1", data = { method = "create_snapshot" } }
  t.expect(got.steps[1].returned):matches("^sn%-1/%x+%-")
end

function test.a_share_that_is_made_from_a_snapshot(t)
  local got = t.call {
    method = "create_share_instance", args = { share = { id = "s-1" }, snapshot = { id = "sn-1" } }, driver_error = "no space",
  }
  t.expect(got.events):has { subject = "s-1" }
  t.expect(got.steps[1].returned):matches("^s%-1/%x+%-")
end

function test.what_a_call_of_an_earlier_process_began_stays(t)
  local first = { ["s-1/local-1"] = { method = "create_share_instance" } } -- as the calls of both were called
  t.state.set("s-1/local-1", first["s-1/local-1"])
  t.call(create())
  t.call(create { driver_error = "no space" })
  t.expect(t.state.all()):is(first)
end

function test.a_call_whose_begin_is_not_remembered_ends_as_well(t)
  t.hook("cleanup.lua", { name = "switched", enable_pre = false })
  t.expect(t.call(create()).outcome):is("completed")
end

-- The service repeats a call whose answer it has lost, or which still works: the share is that of the first.
function test.a_share_that_is_there_already_is_nothing_to_clean_up(t)
  t.state.set("s-1/first", { method = "create_share_instance" })
  local got = t.call(create { driver_error = { message = "share s-1 exists already", code = "exists" } })
  t.expect(got.outcome):is("failed")
  t.expect(got.events):is {}
  t.expect(t.state.all()):is { ["s-1/first"] = { method = "create_share_instance" } }
end
