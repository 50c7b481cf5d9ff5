-- Lua has doubles, Go has many widths; what does not fit is an error at the line.

--- every width reads as a number
-- result: widths
for k, v in pairs(result) do assert(type(v) == "number", k) end
assert(result.i64 == 9007199254740992 and result.u64 == 18446744073709551616 and result.N == 9007199254740992)
assert(result.f64 == 0.1 and math.abs(result.f32 - 0.1) < 1e-8 and result.d == 1e9)
--[[unchanged]]

--- the bounds of every width fit
-- result: widths
result.i, result.i8, result.i16, result.i32 = -2 ^ 53, -128, 32767, -2147483648
result.u, result.u8, result.u16, result.u32 = 2 ^ 53, 255, 65535, 4294967295
result.i64, result.u64 = -2 ^ 63, 2 ^ 63
result.f32, result.f64, result.N, result.d = 3.4028234663852886e38, 1e308, 1e21, -1
--[=[result {"i": -9007199254740992, "i8": -128, "i16": 32767, "i32": -2147483648, "i64": -9223372036854775808,
  "u": 9007199254740992, "u8": 255, "u16": 65535, "u32": 4294967295, "u64": 9223372036854775808,
  "f32": 3.4028235e+38, "f64": 1e+308, "N": 1e+21, "d": -1}]=]

--- outside of the bounds is an error
-- result: widths
result.i8 = 128              --> result.i8: 128 is out of range for int8
result.i8 = -129             --> result.i8: -129 is out of range for int8
result.i16 = 32768           --> result.i16: 32768 is out of range for int16
result.i32 = 2147483648      --> result.i32: 2147483648 is out of range for int32
result.i64 = 2 ^ 63          --> result.i64: 9.223372036854776e+18 is out of range for int64
result.i = 1e300             --> result.i: 1e+300 is out of range for int
result.d = 1e19              --> result.d: 1e+19 is out of range for int64
result.u = -1                --> result.u: -1 is out of range for uint
result.u8 = 256              --> result.u8: 256 is out of range for uint8
result.u16 = 65536           --> result.u16: 65536 is out of range for uint16
result.u32 = 4294967296      --> result.u32: 4294967296 is out of range for uint32
result.u64 = 2 ^ 65          --> result.u64: 3.6893488147419103e+19 is out of range for uint64
result.f32 = 1e39            --> result.f32: 1e+39 is out of range for float32
result.i = 0.5               --> result.i: want integer, got 0.5
result.u8 = -0.5             --> result.u8: want integer, got -0.5
result.i = 0 / 0             --> result.i: want integer, got NaN
result.i = 1 / 0             --> result.i: want integer, got +Inf
result.u = -1 / 0            --> result.u: want integer, got -Inf
result.f64 = 0 / 0           --> result.f64: want a finite number, got NaN
result.f32 = 1 / 0           --> result.f32: want a finite number, got +Inf
result.N = -1 / 0            --> result.N: want a finite number, got -Inf
--[[unchanged]]

--- an integer that a double cannot hold goes back exactly when it is left alone
-- result: widths
result.i = 5
--[=[result {"i": 5, "i64": 9007199254740993, "u64": 18446744073709551615, "N": 9007199254740993, "f32": 0.1, "...": 0}]=]

--- it keeps its digits when it is assigned to itself
-- result: widths
result.i64, result.u64, result.N = result.i64, result.u64, result.N
--[[unchanged]]

--- numbers that moved within their list keep their digits
-- result: numbers
table.insert(result, 1, 7)
table.remove(result, 3)
result[#result], result[#result - 1] = result[#result - 1], result[#result]
--[=[result [7, 9007199254740993, 36028797018963969, 2, 1]]=]
table.sort(result)
--[=[result [1, 2, 7, 9007199254740993, 36028797018963969]]=]
result[1] = result[4]
result[#result + 1] = result[5]
--[=[result [9007199254740993, 2, 7, 9007199254740993, 36028797018963969, 36028797018963969]]=]

--- numbers of free-form lists keep their digits and their writing
-- result: free list
table.remove(result, 2)
table.insert(result, 1, "first")
table.insert(result, 5)
--[=[result ["first", 9007199254740993, null, {"k": [1]}, 36028797018963969, 1.50, 5]]=]

--- a new number in free-form data is an integer where it has no fraction
-- result: free
result.size, result.z, result.new, result.list[1] = 1, 0.5, 2 ^ 40, 1e3
--[=[result {"size": 1, "z": 0.5, "new": 1099511627776, "list": [1000, 9007199254740993, null, 2.50], "...": 0}]=]

--- NaN and the infinities that Go holds survive a change beside them
-- result: odd
assert(result.floats[1] ~= result.floats[1] and result.floats[2] == 1 / 0 and result.map.inf == 1 / 0)
for _, v in pairs(result.floats) do assert(type(v) == "number") end
for _, v in pairs(result.map) do assert(type(v) == "number") end
--[[unchanged]]
table.insert(result.floats, 1, 7)
table.remove(result.floats)
result.free[1], result.free[3] = result.free[3], result.free[1]
assert(result.floats[1] == 7 and result.floats[2] ~= result.floats[2] and result.floats[3] == 1 / 0 and #result.floats == 3)
result.map.nan, result.map.new = result.map.nan, 1
result.size = 2
--[=[result {"size": 2}]=]
assert(result.floats[1] == 7 and result.floats[2] ~= result.floats[2] and result.floats[3] == 1 / 0)
assert(result.free[1] == 1 and result.free[2] ~= result.free[2] and result.free[3] == -1 / 0)
assert(result.map.nan ~= result.map.nan and result.map.inf == 1 / 0 and result.map.new == 1)
--[[unchanged]]
