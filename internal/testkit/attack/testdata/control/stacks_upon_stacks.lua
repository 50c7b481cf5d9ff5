-- expect: killed | the most Go code that can stand above one another, and memory taken at its top
-- memory: 8
local t = {}
local function level(n)
  local function f(d)
    if d > 0 then return setmetatable({}, { __index = function() return f(d - 1) end }).x end
    if n > 0 then return assert(pcall(level, n - 1)) end
    while true do t[#t + 1] = {} end
  end
  return f(95)
end
level(96)
