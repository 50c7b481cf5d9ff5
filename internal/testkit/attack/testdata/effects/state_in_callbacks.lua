-- expect: contained
-- uses: effects
table.sort({3, 1, 2}, function(a, b) state.incr("compared") return a < b end)
local s = ("abc"):gsub(".", function(c) state.set(c, http.get("https://remote.example.org/late").status) return c end)
local t = setmetatable({}, {__index = function(_, k) return state.get(k) end, __newindex = function(_, k, v) state.set(k, v) end})
t.x = {t.a, t.b}
local co = coroutine.wrap(function() for k, v in state.each() do coroutine.yield(k) end end)
while true do
  local k = co()
  if not k then break end
  state.delete(k)
end
error(setmetatable({}, {__tostring = function() return state.get("x") end}))
