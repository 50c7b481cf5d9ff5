-- expect: killed
local mt = getmetatable("")
mt.__index = mt
assert(("x").y == nil)
for _, index in ipairs({ function(s, k) return s[k] end, setmetatable({}, { __index = function(_, k) return ("x")[k] end }), error, coroutine.yield }) do
  mt.__index = index
  assert(not pcall(function() return ("x").y end))
end
mt.__add, mt.__call, mt.__len, mt.__concat = error, error, error, error
for k in pairs(mt) do mt[k] = nil end
assert(not pcall(function() return ("x"):upper() end))
mt.__index = function() while true do end end
pcall(function() return ("x").y end)
