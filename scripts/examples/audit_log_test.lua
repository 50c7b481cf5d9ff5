-- What the trail of audit_log.lua has of a call, however it ends.

local context = { request_id = "req-1", user_id = "ada", project_id = "media" }

function test.a_call_that_completes(t)
  local got = t.call { method = "create_share_instance", context = context, args = { share = { id = "s-1" } } }
  t.expect(#got.events):is(2)
  for i, outcome in ipairs { "begun", "completed" } do
    local event = got.events[i]
    t.expect(event):has { type = "audit", subject = "s-1" }
    t.expect(event.data):has {
      method = "create_share_instance", target = "s-1", request_id = "req-1", user_id = "ada", project_id = "media", outcome = outcome,
    }
    t.expect(event.data.error):is(nil)
  end
  t.expect(got.events[1].data.begun):is(nil)
  t.expect(got.events[2].data.begun):is(got.events[1].id)
  t.expect(got.events[1].data.seconds):is(nil)
  t.expect(got.events[2].data.seconds >= 0):is(true)
end

function test.a_call_that_fails(t)
  local got = t.call {
    method = "delete_snapshot", args = { snapshot = { id = "sn-1" } }, driver_error = { message = "busy", code = "in_use" },
  }
  t.expect(got.events[1].data):is { method = "delete_snapshot", target = "sn-1", outcome = "begun" }
  t.expect(got.events[2].data):has { target = "sn-1", outcome = "failed", error = "busy", code = "in_use" }
end

function test.a_call_that_a_hook_behind_it_refuses(t)
  t.hook("audit_log.lua")
  t.hook("quota_guard.lua", { options = { max_gib = 1 } })
  local got = t.call { method = "create_share_instance", args = { share = { id = "s-1", size = 2 } } }
  t.expect(got.events[1].data.outcome):is("begun")
  t.expect(got.events[2].data):has { outcome = "rejected", code = "quota_exceeded", hook = "quota_guard" }
end

function test.a_call_that_a_hook_in_front_of_it_refuses(t)
  t.hook("quota_guard.lua", { options = { max_gib = 1 } })
  t.hook("audit_log.lua")
  local got = t.call { method = "create_share_instance", args = { share = { id = "s-1", size = 2 } } }
  t.expect(#got.events):is(1)
  t.expect(got.events[1].data.outcome):is("rejected")
  t.expect(got.events[1].data.begun):is(nil)
end

test.table("what a call is about", {
  { method = "delete_share_server", args = { share_server = { id = "srv-1" }, security_services = {} }, target = "srv-1" },
  { method = "create_snapshot", args = { snapshot = { id = "sn-1" }, share_server = { id = "srv-1" } }, target = "sn-1" },
  { name = "a share from a snapshot", method = "create_share_instance", target = "s-1",
    args = { share = { id = "s-1" }, snapshot = { id = "sn-1" }, share_server = { id = "srv-1" } } },
}, function(t, row)
  for _, event in ipairs(t.call({ method = row.method, args = row.args }).events) do
    t.expect(event.data.target):is(row.target)
  end
end)

test.table("what changes nothing", {
  { method = "publish_service_capabilities", events = 0 },
  { method = "init_host", events = 0 },
  { method = "publish_service_capabilities", options = { only_changes = false }, events = 2 },
  { method = "init_host", options = { only_changes = true }, events = 0 },
}, function(t, row)
  t.options(row.options or {})
  local got = t.call { method = row.method }
  t.expect(#got.events):is(row.events)
  for _, event in ipairs(got.events) do
    t.expect(event.data.target):is(nil)
  end
end)
