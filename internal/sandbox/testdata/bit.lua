-- bit: integers of 32 bits, as LuaJIT's bit has them (https://bitop.luajit.org/semantics.html).

assert(bit.band(0x12345678, 0xff) == 0x78 and bit.band(-1, 0xf0f0, 0xff) == 0xf0 and bit.band(5) == 5)
assert(bit.bor(1, 2, 4, 8) == 15 and bit.bxor(0xa5a5f0f0, 0xaa55ff00) == 0x0ff00ff0 and bit.bor(7) == 7)
assert(bit.bnot(0) == -1 and bit.bnot(0x12345678) == -0x12345679 and bit.bnot(-1) == 0)

-- results are signed
assert(bit.band(0xffffffff) == -1 and bit.bor(0x80000000) == -2147483648 and bit.bxor(0x7fffffff, -1) == -2147483648)

-- shifts, of whose count the lowest five bits count
assert(bit.lshift(1, 0) == 1 and bit.lshift(1, 8) == 256 and bit.lshift(1, 40) == 256 and bit.lshift(1, 31) == -2147483648)
assert(bit.rshift(256, 8) == 1 and bit.rshift(-256, 8) == 16777215 and bit.rshift(256, 40) == 1)
assert(bit.arshift(256, 8) == 1 and bit.arshift(-256, 8) == -1 and bit.arshift(-256, 40) == -1 and bit.arshift(1, -1) == 0)

-- numbers are taken modulo 2^32, and a fraction is rounded to the nearest integer, to the even one of two
assert(bit.band(2 ^ 32) == 0 and bit.band(2 ^ 32 + 1) == 1 and bit.band(-2 ^ 32 - 1) == -1 and bit.band(2 ^ 51 - 1) == -1)
assert(bit.band(2 ^ 31) == -2147483648 and bit.band(-2 ^ 31 - 1) == 2147483647 and bit.band(1e300) == 0)
assert(bit.bor(1.4) == 1 and bit.bor(1.5) == 2 and bit.bor(2.5) == 2 and bit.bor(-1.5) == -2 and bit.bor(-0.4) == 0)
assert(bit.bor(1 / 0) == 0 and bit.bor(-1 / 0) == 0 and bit.bor(0 / 0) == 0)
assert(1 / bit.bor(-0) == 1 / 0)

-- a text that spells a number is one
assert(bit.band("0xff", "12") == 12 and bit.lshift("1", "4") == 16)

-- it is a global, not a module
assert(not pcall(require, "bit"))

bit.band()           --> bad argument #1 to 'band' (number expected, got no value)
bit.band(1, "x")     --> bad argument #2 to 'band' (number expected, got string)
bit.bnot({})         --> bad argument #1 to 'bnot' (number expected, got table)
bit.lshift(1)        --> bad argument #2 to 'lshift' (number expected, got no value)
bit.rshift(nil, 1)   --> bad argument #1 to 'rshift' (number expected, got nil)
