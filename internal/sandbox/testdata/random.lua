-- math.random and math.randomseed belong to the script.

for i = 1, 100 do
  local x = math.random()
  assert(x >= 0 and x < 1)
  local d = math.random(6)
  assert(d >= 1 and d <= 6 and d == math.floor(d))
  local r = math.random(-3, 3)
  assert(r >= -3 and r <= 3 and r == math.floor(r))
end
assert(math.random(5, 5) == 5 and math.random(1) == 1)

math.randomseed(42)
first = {math.random(1000), math.random(1000), math.random(1000)}
math.randomseed(42)
assert(math.random(1000) == first[1] and math.random(1000) == first[2] and math.random(1000) == first[3])
math.randomseed(-1) math.randomseed(0.5) math.randomseed(1e300) math.randomseed(0/0)
math.randomseed(42)

math.random(0)             --> bad argument #1 to 'random' (interval is empty)
math.random(2, 1)          --> bad argument #2 to 'random' (interval is empty)
math.random(0/0)           --> bad argument #1 to 'random' (interval is empty)
math.random(1/0)           --> bad argument #1 to 'random' (interval is too wide)
math.random(-1e300, 1e300) --> bad argument #2 to 'random' (interval is too wide)
math.random(math.huge, math.huge)   --> bad argument #2 to 'random' (interval is too wide)
math.random(-math.huge, -math.huge) --> bad argument #2 to 'random' (interval is too wide)
math.random("x")           --> bad argument #1 to 'random' (number expected, got string)
math.randomseed()          --> bad argument #1 to 'randomseed' (number expected, got no value)

---- the seed of the first does not make this one's numbers

local same = 0
local function draw() return table.concat({math.random(1e9), math.random(1e9), math.random(1e9)}, " ") end
local mine = draw()
math.randomseed(42)
assert(draw() ~= mine)

---- nor does it take any from it: two scripts with one seed draw the same, however they take turns

math.randomseed(7)
local a = {math.random(100), math.random(100)}
math.randomseed(7)
assert(math.random(100) == a[1])
assert(math.random(100) == a[2])
