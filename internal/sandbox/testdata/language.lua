-- Lua as the manual says, where gopher-lua's compiler goes wrong.

-- an access check must not keep its old value
local function deny() return false end
local ok = true
ok = deny() and true
assert(ok == false)
local x = 1
x = deny() or x
assert(x == 1)

-- assignments take all values first
local a, b = 1, 2
a, b = b, a
assert(a == 2 and b == 1)
a, b = a + 1, a + b
assert(a == 3 and b == 3)
local t = { 1, 2 }
local i = 1
i, t[i] = i + 1, 20
assert(i == 2 and t[1] == 20 and t[2] == 2)

-- a generic for without a state, twice
local function count() local n = 0 for k in next, { 1, 2, 3 } do n = n + 1 end return n end
assert(count() == 3)
local n = 0
for k in next, { 1, 2 } do n = n + 1 end
for k in next, { 1, 2 } do n = n + 1 end
assert(n == 4)

-- a jump at the start of a loop's body
n = 0
for _ = 1, 3 do if false then local y = 1 end n = n + 1 end
while n < 5 do if false then local y = 1 end n = n + 1 end
repeat if true and false then n = 100 end n = n + 1 until n >= 6
assert(n == 6)

-- a call in parentheses is one value, in its own place
local function several() return 1, 2, 3 end
local function last(p, q) q = (several()) return p, q end
local p, q = last("p", "q")
assert(p == "p" and q == 1 and select("#", (several())) == 1)

-- an error that pcall caught leaves closures with their variables
local shared = 0
local function bump() shared = shared + 1 return shared end
pcall(function() error("x") end)
bump() bump()
assert(shared == 2)

-- concatenation, of whatever
local name = setmetatable({}, { __concat = function(l, r) return (type(l) == "table" and "T" or l) .. (type(r) == "table" and "T" or r) end })
assert(name .. "x" == "Tx" and "x" .. name == "xT" and 1 .. 2 == "12" and ("a" .. 1) .. "b" .. 2.5 == "a1b2.5")
local s = ""
for k = 1, 10 do s = s .. k .. "," end
assert(s == "1,2,3,4,5,6,7,8,9,10,")
local none
local bad = "a" .. none              --> attempt to concatenate upvalue 'none' (a nil value)

-- numbers are those of Lua
assert("10" + 5 == 15 and "0x10" * 1 == 16 and 10 == 10.0 and 0xff == 255 and 1e2 == 100)

-- a function with ... that does not use it has its arguments in arg, however it is called
do
  local function all(...) return arg end
  local function first(a, ...) return arg end
  local function tail(f, ...) return f(...) end
  local o = setmetatable({ all = all }, { __call = all })
  assert(all().n == 0 and all(1, nil).n == 2 and all(1, 2)[2] == 2)
  assert(first(1, 2).n == 1 and first(1, 2)[1] == 2 and first().n == 0)
  assert(tail(all, 1, 2).n == 2 and tail(all).n == 0 and tail(first, 1, 2)[1] == 2 and tail(first).n == 0)
  assert(o(1).n == 2 and o(1)[1] == o and tail(o, 1)[2] == 1 and o:all(1).n == 2 and tail(o.all, o)[1] == o)
  assert(select(2, pcall(all, 1))[1] == 1 and select(2, pcall(tail, first, 1, 2))[1] == 2)
  assert(coroutine.wrap(all)(1)[1] == 1 and coroutine.wrap(tail)(first, 1, 2)[1] == 2)
  local through = {}
  table.sort({ 2, 1 }, function(...) through[1] = arg.n return arg[1] < arg[2] end)
  assert(through[1] == 2 and ("x"):gsub(".", function(...) return arg.n .. arg[1] end) == "1x")
end
