-- An integer that a double cannot hold reads as the nearest one, and is itself wherever it is put.

--- an integer is copied exactly, by any way that makes no new number of it
-- result: ids
local a = result.a
local t = { a, k = a }
local function f(...) return ... end
result.b = a
result.u = (f(1, t[1]) and select(2, f(1, t.k)))
result.n = coroutine.wrap(function() coroutine.yield(a) end)()
result.list[1] = a
table.insert(result.list, t[1])
result.map.a = a
result.any = { t.k, deep = nil }
result.raw = { a }
result.pointer = t.k
--[=[result {"a": 9007199254740993, "b": 9007199254740993, "u": 9007199254740993, "n": 9007199254740993,
  "list": [9007199254740993, 36028797018963969, 9007199254740993], "map": {"a": 9007199254740993, "z": 9007199254740995},
  "any": [9007199254740993], "raw": [9007199254740993], "pointer": 9007199254740993, "...": 0}]=]

--- integers of all kinds go everywhere
-- result: ids
result.a, result.u = result.list[1], result.list[2]
result.n, result.jsons[1] = result.jsons[1], result.a
result.any = { result.big, result.map.z }
result.f = result.big
--[=[result {"a": 9007199254740995, "u": 36028797018963969, "n": 18446744073709551616, "jsons": [9007199254740995],
  "any": [18446744073709551615, 9007199254740995], "f": 18446744073709552000, "...": 0}]=]

--- an integer takes the place of another that reads as the same double
-- result: ids
result.b = result.a + 0
result.a = result.c
result.list[1], result.list[2] = result.list[2], result.list[1]
result.map.z = result.c
--[=[result {"a": 9007199254740991999, "b": 9007199254740992, "c": 9007199254740991999,
  "list": [36028797018963969, 9007199254740995], "map": {"z": 9007199254740991999}, "...": 0}]=]

--- items that read as the same double are sorted, moved and removed as what they are
-- result: twins
table.insert(result, 1, table.remove(result))
local t = {}
for i, v in ipairs(result) do t[i] = v end
result[2], result[3] = t[3], t[2]
--[=[result [9007199254740997, 9007199254740993, 9007199254740992]]=]

--- an integer that does not fit is an error, with all its digits
-- result: ids
result.small = result.a   --> result.small: 9007199254740993 is out of range for int32
result.a = result.big     --> result.a: 18446744073709551615 is out of range for int64
result.u = result.neg     --> result.u: -9007199254740993 is out of range for uint64
result.name = result.a    --> result.name: want string, got number
--[[unchanged]]

--- a number that is computed, or was a key, is one like others
-- result: ids
local keys = { [result.a] = true }
result.a, result.b = next(keys), result.a + 0
assert(result.a == 2^53 and result.b == 2^53)
--[=[result {"a": 9007199254740993, "b": 9007199254740992, "...": 0}]=]

--- assigning what is there already changes nothing
-- result: ids
result.a, result.b = result.a, result.b
result.n = result.n
for i, v in ipairs(result.list) do result.list[i] = v end
result.map.z = result.map.z
--[[unchanged]]

--- text has all digits
-- result: ids
assert(tostring(result.a) == "9007199254740993" and "id-" .. result.a .. "!" == "id-9007199254740993!")
assert(("%d %s %i"):format(result.a, result.big, result.neg) == "9007199254740993 18446744073709551615 -9007199254740993")
assert(json.encode({ result.a, k = nil }) == "[9007199254740993]" and json.encode(result.list) == "[9007199254740995,36028797018963969]")
assert(table.concat({ result.a, result.b }, ",") == "9007199254740993,7")
assert(tostring(result.a + 0) == "9007199254740992" and ("%20d|"):format(result.a) == "    9007199254740993|")
assert(result.a == result.a + 0 and tostring(result.a) ~= tostring(result.a + 0))
--[[unchanged]]
