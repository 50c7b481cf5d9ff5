-- expect: error|ok|contained
-- uses: effects
local cycle = {}
cycle.itself = cycle
for _, v in ipairs{cycle, print, 0/0, 1/0, -1/0, "\255", coroutine.create(function() end), setmetatable({}, {__index = error})} do
  pcall(state.set, "k", v)
  pcall(events.publish, "t", {v})
  pcall(state.set, v, 1)
  pcall(events.publish, v, {})
  pcall(http.get, v)
  pcall(state.incr, "k", v)
  pcall(state.each, v)
end
for _, f in pairs{state.set, state.get, state.incr, state.delete, state.each, events.publish, http.get, http.request} do
  pcall(f)
  pcall(f, f, f, f)
  pcall(f, ("x"):rep(1e6), ("x"):rep(1e6), {ttl = 1e308, subject = ("x"):rep(1e6), id = "\0"})
end
