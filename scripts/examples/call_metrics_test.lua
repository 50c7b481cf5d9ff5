-- The metrics of call_metrics.lua.

function test.a_call_is_counted_and_measured(t)
  local got = t.call { method = "init_host" }
  local labels = { method = "init_host", status = "completed" }
  t.expect(#got.effects):is(2)
  t.expect(got.effects):has { kind = "metric", measure = "count", name = "share_calls", value = 1, labels = labels }
  t.expect(got.effects):has { kind = "metric", measure = "observe", name = "share_call_seconds", labels = labels }
end

function test.labels_say_how_it_ended(t)
  local got = t.call { method = "extend_share", args = { share = { id = "s-1" }, new_size = 2 }, driver_error = "no space" }
  t.expect(got.effects):has { name = "share_calls", labels = { method = "extend_share", status = "failed" } }
end
