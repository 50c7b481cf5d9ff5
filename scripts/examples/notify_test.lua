-- The events of notify.lua.

local done = { method = "create_snapshot", context = { request_id = "req-1", project_id = "media" }, args = { snapshot = { id = "sn-1" } } }
local failed = { method = "create_snapshot", args = { snapshot = { id = "sn-1" } }, driver_error = { message = "busy", code = "in_use" } }

function test.a_call_that_completes(t)
  local got = t.call(done)
  t.expect(#got.events):is(1)
  t.expect(got.events):has {
    type = "share.create_snapshot.completed", subject = "sn-1", data = { request_id = "req-1", project_id = "media" },
  }
  t.expect(got.events[1].data.error):is(nil)
  t.expect(got.events[1].data.seconds >= 0):is(true)
end

function test.a_call_that_fails(t)
  t.expect(t.call(failed).events):has { type = "share.create_snapshot.failed", data = { error = "busy", code = "in_use" } }
end

function test.failures_only(t)
  t.options { only_failures = true }
  t.expect(t.call(done).events):is {}
  t.expect(t.call(failed).events):has { type = "share.create_snapshot.failed" }
end
