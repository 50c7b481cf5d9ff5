-- Loops, goto, varargs, multiple assignment and scope, as every script uses them.

local n = 0
for i = 10, 1, -3 do n = n + i end
assert(n == 22)
for i = 1, 0 do error("no turn") end
for i = 1, 3 do local j = i i = 10 n = n + j end
assert(n == 28)
while true do n = n + 1 if n > 30 then break end end
repeat local last = n n = n - 1 until last == 20
assert(n == 19)

for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto continue end
    n = n + 1
    ::continue::
  end
end
assert(n == 25)

do
  local i = 1
  ::again::
  if i < 5 then i = i + 1 goto again end
  assert(i == 5)
end

local function count(...) return select("#", ...), ... end
local a, b, c, d = count(nil, 2)
assert(a == 2 and b == nil and c == 2 and d == nil)
local t = {count(1), count(2)}
assert(#t == 3 and t[1] == 1 and t[2] == 1 and t[3] == 2)
local function last(...) local t = {...} return t[#t] end
assert(last(1, 2, 3) == 3 and (count(9, 9)) == 2)

local x, y = 1
assert(x == 1 and y == nil)
local f = {}
for i = 1, 3 do f[i] = function() i = i + 1 return i end end
assert(f[1]() == 2 and f[1]() == 3 and f[2]() == 3)
local function fact(n) return n <= 1 and 1 or n * fact(n - 1) end
assert(fact(10) == 3628800)

assert(math.huge == 1/0 and -math.huge == -1/0 and math.pi > 3.14159)
assert(math.max(1, 5, 3) == 5 and math.min(2, -1) == -1 and math.floor(-0.5) == -1 and math.ceil(0.5) == 1)
assert(math.fmod(7, 3) == 1 and -7 % 3 == 2 and 2 ^ 10 == 1024 and 7 / 2 == 3.5 and math.sqrt(16) == 4)
assert(not nil and not false and 0 and "" and (nil or "x") == "x" and (false and 1) == false)
