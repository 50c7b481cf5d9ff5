-- How many calls rate_limit.lua lets pass, and when there are more.

local call = { method = "create_snapshot", context = { project_id = "media" }, args = { snapshot = { id = "sn-1" } } }

local function outcomes(t, n)
  local all = {}
  for i = 1, n do
    all[i] = t.call(call).outcome
  end
  return all
end

function test.so_many_in_a_window(t)
  t.options { calls = 2 }
  t.expect(outcomes(t, 3)):is { "completed", "completed", "rejected" }
  t.advance("59s")
  t.expect(t.call(call).error):has { code = "rate_limited", message = "more than 2 calls in 60 s: try again in 1 s" }
  t.advance("1s")
  t.expect(outcomes(t, 3)):is { "completed", "completed", "rejected" }
end

function test.the_message_says_when_to_try_again(t)
  t.options { calls = 0, seconds = 100 }
  t.clock("2026-01-01T00:00:30Z")
  local message = t.call(call).error.message
  t.expect(message):is("more than 0 calls in 100 s: try again in 70 s")
end

function test.projects_are_apart(t)
  t.options { calls = 1 }
  t.expect(outcomes(t, 1)):is { "completed" }
  t.expect(t.call({ method = "create_snapshot", context = { project_id = "render" }, args = call.args }).outcome):is("completed")
end

function test.calls_of_no_project_are_not_limited(t)
  t.options { calls = 0 }
  t.expect(t.call({ method = "init_host" }).outcome):is("completed")
  t.expect(t.state.all()):is {}
end

function test.sixty_by_default(t)
  local all = outcomes(t, 61)
  t.expect(all[60]):is("completed")
  t.expect(all[61]):is("rejected")
end

function test.what_is_counted_is_forgotten_later(t)
  t.options { calls = 5, seconds = 60 }
  t.call(call)
  t.call(call)
  local key = next(t.state.all())
  t.expect(t.state.get(key)):is(2)
  t.advance("119s")
  t.expect(t.state.get(key)):is(2)
  t.advance("1s")
  t.expect(t.state.get(key)):is(nil)
end

function test.an_option_that_is_none_stops_the_script(t)
  t.options { call = 1 }
  t.expect(function() t.call(call) end):raises('unknown option "call": want calls and seconds')
end
