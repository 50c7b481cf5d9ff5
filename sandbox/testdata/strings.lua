-- The methods of strings come from a table that no script can reach.

assert(("abc"):upper() == "ABC" and ("abc"):len() == 3 and #"abc" == 3)
assert(("a,b"):find(",", 1, true) == 2)
assert(("x=1"):match("^(%w+)=(%w+)$") == "x")
assert(("%d GiB"):format(5) == "5 GiB")
assert(("10.0.0.5:/share"):gsub("^10%.0%.0%.5:", "nas:") == "nas:/share")
local words = {}
for w in ("one two three"):gmatch("%a+") do words[#words + 1] = w end
assert(table.concat(words, "|") == "one|two|three")
assert(("ab"):rep(3) == "ababab" and ("abc"):reverse() == "cba" and ("abc"):sub(-2) == "bc")
assert(("A"):byte() == 65 and string.char(72, 105) == "Hi" and ("AbC"):lower() == "abc")

assert(getmetatable("") == false)
assert(getmetatable("abc") == false)
assert(("").nothing == nil and ("").__index == nil and ("").__metatable == nil)
getmetatable("").__index = {}      --> attempt to index a non-table object(boolean)
setmetatable("", {})               --> bad argument #1 to setmetatable (table expected, got string)
local s = "abc" s.x = 1            --> attempt to index a non-table object(string) with key 'x'
rawset("abc", "x", 1)              --> bad argument #1 to rawset (table expected, got string)
rawget("abc", "upper")             --> bad argument #1 to rawget (table expected, got string)

-- The library table is the script's own; strings do not look into it.
function string.shout(s) return s:upper() .. "!" end
assert(string.shout("hey") == "HEY!")
local x = ("hey"):shout()          --> attempt to call a non-function object
string.upper = nil
assert(("hey"):upper() == "HEY")

-- Numbers and strings convert to each other as in Lua.
assert("10" + 5 == 15 and 10 .. 20 == "1020")
assert("10" ~= 10)
local n = "ten" + 1                --> cannot perform add operation between string and number
assert(tonumber("0x1F") == 31 and tonumber("  7  ") == 7 and tonumber("z", 36) == 35 and tonumber("x") == nil)
assert(tostring(nil) == "nil" and tostring(0.1) == "0.1" and tostring(2^53) == "9007199254740992")
