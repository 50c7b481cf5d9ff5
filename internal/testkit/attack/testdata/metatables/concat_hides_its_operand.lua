-- expect: killed|error | the joined operand is in nobody's variable while the metamethod runs
local big, x = ("x"):rep(2e5), nil
local function join() return x .. big .. big .. big .. big .. big .. big .. big .. big .. big .. big .. big .. big .. big .. big .. big end
local depth = 0
x = setmetatable({}, { __concat = function(l, r)
  r = nil
  depth = depth + 1
  if depth < 150 then join() end
  return ""
end })
join()
return true
