-- The string library: Lua 5.1's functions, bounded in work and memory. What they do on ordinary values:

assert(("Hello"):upper() == "HELLO" and ("Hello"):lower() == "hello" and ("abc"):reverse() == "cba")
assert(("@AZ[`az{ 09"):lower() == "@az[`az{ 09" and ("@AZ[`az{ 09"):upper() == "@AZ[`AZ{ 09" and ("same"):lower() == "same")
assert(string.lower(12) == "12" and (""):upper() == "" and type(string.upper(1e3)) == "string")
assert(("\195\132"):lower() == "\195\132")  -- letters are those of ASCII, bytes stay bytes
assert(("x"):rep(3) == "xxx" and ("x"):rep(0) == "" and ("x"):rep(-1) == "" and (""):rep(1e9) == "" and ("ab"):rep(2.9) == "abab")
assert(#"abc" == 3 and ("a\0b"):len() == 3)

local s = "abcdef"
assert(s:sub(2, 4) == "bcd" and s:sub(-3) == "def" and s:sub(0) == s and s:sub(4, 2) == "" and s:sub(10) == "")
assert(s:sub(-100, 2) == "ab" and s:sub(2, 100) == "bcdef" and s:sub(2, -2) == "bcde" and s:sub(1e300) == "")
assert(s:byte() == 97 and select("#", s:byte(1, -1)) == 6 and select("#", s:byte(7)) == 0)
assert(string.char() == "" and string.char(104, 105) == "hi")

assert(("%d %5.2f %x %s %q %%"):format(3.7, 1 / 3, 255, "a", 'b"') == '3  0.33 ff a "b\\"" %')
assert(("%s %s %s"):format(nil, true, 1) == "nil true 1")
assert(("%5s|%-5s|%.1s"):format("ab", "ab", "ab") == "   ab|ab   |a")

assert(s:find("cd") == 3 and select(2, s:find("cd")) == 4 and s:find("x") == nil)
assert(("a.b"):find(".", 1, true) == 2 and ("a.b"):find("%.") == 2 and s:find("", 10) == 7 and s:find("") == 1)
assert(s:find("b", -5) == 2 and s:find("a", 2) == nil and s:find("^b", 2) == 2)
local from, to, first, place = s:find("(b)()")
assert(from == 2 and to == 2 and first == "b" and place == 3)
assert(s:match("c(.)e") == "d" and s:match("c.e") == "cde" and s:match("x") == nil and s:match("()", 3) == 3)
assert(("key = value"):match("^(%w+)%s*=%s*(%w+)$") == "key")

local seen = {}
for k, v in ("a=1, b=2"):gmatch("(%w)=(%w)") do seen[#seen + 1] = k .. v end
assert(table.concat(seen, " ") == "a1 b2")
local step = ("one two"):gmatch("%a+")
assert(step() == "one" and step() == "two" and step() == nil)

assert(("hello"):gsub("l", "L") == "heLLo" and select(2, ("hello"):gsub("l", "L")) == 2)
assert(("hello"):gsub("l", "L", 1) == "heLlo" and ("hello"):gsub("", "-") == "-h-e-l-l-o-")
assert(("hello world"):gsub("(%w+) (%w+)", "%2 %1 %0 %%") == "world hello hello world %")
assert(("$a $b"):gsub("%$(%w)", { a = "1", b = false }) == "1 $b")
assert(("abc"):gsub("%w", function(c) if c ~= "b" then return c:upper() end end) == "AbC")
-- a function that gsub calls may match as well
assert(("a1 b2"):gsub("%w+", function(w) return (w:gsub("%d", function(d) return "<" .. d:match(".") .. ">" end)) end) == "a<1> b<2>")

assert(tonumber("1e5") == 1e5 and tonumber("0x10") == 16 and tonumber(" 5 ") == 5 and tonumber("ff", 16) == 255 and tonumber("z", 36) == 35)
assert(tonumber("1_000") == nil and tonumber("0b1") == nil and tonumber("") == nil and tonumber("5x") == nil and tonumber({}) == nil)

-- whole numbers become text with all their digits, others with fourteen, everywhere
assert(tostring(1 / 3) == "0.33333333333333" and 1 / 3 .. "" == "0.33333333333333" and ("x"):rep(0) .. 1e15 == "1000000000000000" and 1e15 .. "" == "1000000000000000")
assert(table.concat({ 0.1, 1e100, 2 ^ 53 }, " ") == "0.1 1e+100 9007199254740992")
assert(string.rep(12, 2) == "1212" and ("%s"):format(1 / 3) == "0.33333333333333")

-- a long text without special characters is a pattern like a short one, and a longer pattern with some is none
local long = ("x"):rep(6e6)
assert(long:match(long) == long and (long .. "y"):gsub(long, "") == "y" and long:gmatch(long)() == long)
long:match(long .. ".")              --> pattern too complex

-- mistakes
("x"):rep()                          --> bad argument #1 to 'rep' (number expected, got no value)
("x"):find("(")                      --> unfinished capture
("x"):find("[a")                     --> malformed pattern (missing ']')
("x"):find("%")                      --> malformed pattern (ends with '%')
("x"):gsub("x", "%2")                --> invalid capture index
("x"):gsub("x", true)                --> string/function/table expected
("x"):gsub("x", function() return {} end) --> invalid replacement value (a table)
("%y"):format(1)                     --> invalid option '%y' to 'format'
("%d"):format()                      --> bad argument #1 to 'format' (no value)
("%d"):format("x")                   --> number expected, got string
("%100d"):format(1)                  --> invalid format
string.char(256)                     --> invalid value
("%s"):format(setmetatable({}, { __tostring = function() return {} end })) --> __tostring must return a string, got table
assert(tostring(setmetatable({}, { __tostring = function() return false end })) == false) -- tostring itself gives what it gets
