-- Programs that gopher-lua alone runs wrong, one a part. Each fails where its correction is missing.
---- a branch never taken, with a local of its own, at the start of a generic for
local function sum(t)
  local n = 0
  for _, v in ipairs(t) do
    if false then local x end
    n = n + v
  end
  return n
end
assert(sum{1, 2, 3} == 6 and select("#", sum{}) == 1)
local rounds = 0
for k in pairs({a = 1, b = 2}) do
  if nil then local x = k elseif false then local y = k end
  rounds = rounds + 1
end
assert(rounds == 2)
---- the value of `and` in an existing local, when its left side is a call that says no
local function greater(a, b) return a > b end
local function between(v, low, high)
  local result = true
  result = result and (greater(v, low) and greater(high, v))
  return result
end
assert(between(2, 1, 3) == true and between(1, 2, 3) == false and between(4, 1, 3) == false)
local allowed = true
allowed = greater(1, 2) and true
assert(allowed == false)
---- an assignment of locals that uses what it assigns
local a, b = 0, 0
a, b = a + 1, a + b
assert(a == 1 and b == 0)
local x, y, z = 1, 2, 3
x, y, z = z, x, y
assert(x == 3 and y == 1 and z == 2)
---- a generic for over next, for the second time in a function
local function count(t)
  local n = 0
  for _ = 1, 2 do
    for k, v in next, t do n = n + 1 end
  end
  for k, v in next, t do n = n + 1 end
  return n
end
assert(count{1, 2, x = 3} == 9)
---- an error that pcall caught, and a local that a function shares
local said
function say() return said and said("test") end
pcall(function() error("an error") end)
said = function(what) return what .. "!" end
assert(say() == "test!")
local n = 0
local function bump() n = n + 1 return n end
for _ = 1, 3 do pcall(function() bump() error({}) end) end
xpcall(function() bump() error("again") end, function(e) bump() return e end)
assert(n == 5 and bump() == 6)
