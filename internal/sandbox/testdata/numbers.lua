-- Numbers, and texts that are taken for numbers, as in Lua 5.1.

-- The remainder is a - floor(a/b)*b, whether it is computed or written down.
local a, b, zero = 1, 0.1, 0
assert(a % b == 0 and 1 % 0.1 == 0 and -5 % 3 == 1 and 5 % -3 == -1 and -7.5 % 2 == 0.5)
local inf = 1 / zero
assert(5 % inf ~= 5 % inf and a % zero ~= a % zero)

-- There are two zeros, also where both are written down.
local minus = zero * -1
assert(1 / minus == -inf and 1 / (minus + minus) == -inf and 1 / (minus + 0) == inf and 1 / (zero - zero) == inf and 1 / -zero == -inf)
assert(1 / -0 == -inf and 1 / 0 == inf and 1 / (0 / -8) == -inf and 1 / (2 % -1) == inf and 1 / ({ 0, -0, 0 })[3] == inf)
assert(tostring(minus) == "-0" and math.max(zero, minus) == 0)
assert(coroutine.wrap(function() return 1 / (zero * a * -1) end)() == -inf)

-- Texts that say a number.
assert(tonumber("inf") == inf and tonumber("-Infinity") == -inf and tonumber("nan") ~= tonumber("nan"))
assert(tonumber("0x1p4") == 16 and tonumber("0x.8") == 0.5 and tonumber("0x1P-1") == 0.5 and tonumber("0x") == nil)
assert("10" + 1 == 11 and "017" * 1 == 17 and "0x10" - 0 == 16 and -" 2 " == -2 and not pcall(function() return "1_000" + 1 end))
assert(not pcall(function() return "0b11" + 1 end) and "1e1" / 1 == 10 and 10 .. 20 == "1020")
local n = 0
for i = "1", " 3 ", "2" do n = n + i end
assert(n == 4)

-- Library functions take a text for a number, and a number for a text.
assert(table.concat({ 1, 2 }, 0) == "102" and tonumber("10", "2") == 2 and select("2", "a", "b") == "b")
assert(("10"):rep("2") == "1010" and string.rep(5, 2) == "55" and math.floor("1.5") == 1 and math.max("3", 2) == 3)
assert(unpack({ 7, 8 }, "2") == 8 and ("abc"):sub("2", "2") == "b" and ("abc"):byte("2") == 98 and string.char("65") == "A")
local list = { 1, 3 }
table.insert(list, "2", 2)
assert(table.concat(list) == "123" and table.remove(list, "1") == 1 and table.concat(list, ",", "1", "2") == "2,3")
assert(string.find(1234, 23) == 2 and string.gsub(111, 1, 2, "2") == "221" and ("%d"):format("7") == "7" and math.ldexp("1", "3") == 8)

-- A remainder of numbers that are written down is that of the same in variables.
local seven, zero, tiny = 7, 0, 1e-308
assert(1e308 % 1e-308 == -inf and 1e308 % tiny == -inf)
local a, b, c = 7 % 0, seven % zero, 5 % (1 / 0)
assert(a ~= a and b ~= b and c ~= c and ({ 7 % 0, -7 % 3 })[2] == 2)

-- math.
local whole, fraction = math.modf(inf)
assert(whole == inf and fraction == 0)
whole, fraction = math.modf(-3.5)
assert(whole == -3 and fraction == -0.5 and math.fmod(-5, 3) == -2)
math.max()       --> bad argument #1 to 'max' (number expected, got no value)
math.random(0)   --> bad argument #1 to 'random' (interval is empty)

-- Powers and logarithms are those of Lua 5.1, computed by the compiler or when they are reached.
local base, many = 1.1, 5000
assert(base ^ many == 9.1923338990743651e+206 and 1.1 ^ 5000 == base ^ many and math.pow("1.1", many) == base ^ many)
assert(10 ^ 308 == 1e308 and 10 ^ -310 == 1e-310 and -2 ^ 2 == -4 and (-2) ^ 3 == -8 and 2 ^ 0.5 == math.sqrt(2))
assert(2 ^ 1024 == math.huge and 2 ^ -1075 == 0 and 1 / (-2) ^ -1075 == -math.huge and 1 / (-0) ^ -1 == -0)
assert(math.exp(709.5) == 1.3549863193146328e308 and math.sinh(-710) == -math.cosh(710) and math.cosh(710) < math.huge)
assert(math.tan(1e-7) > 1e-7 and math.atan2(-1e-300, -1e300) == -math.pi)
assert(0 ^ 0 == 1 and (-8) ^ (1 / 3) ~= (-8) ^ (1 / 3))
assert(math.log(1e-310) == -713.80137882815416 and math.log10(1e-310) == -310 and math.log10(0.1) == -1)
assert(math.log10(1000) == 3 and math.log(0) == -math.huge and math.log(1) == 0)
assert(math.abs(math.acos(1 - 2 ^ -40) / 1.3486991523487112e-06 - 1) < 1e-15 and math.acos(1) == 0 and math.acos(2) ~= math.acos(2))
assert(math.acos(-1) == math.pi and math.asin(1) == math.pi / 2 and math.asin(-1) == -math.pi / 2 and 1 / math.asin(-0) == -math.huge)
