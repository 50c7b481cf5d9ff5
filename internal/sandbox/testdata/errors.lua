-- Messages of common mistakes, and the lines they name.

local nothing
local x = nothing.field             --> attempt to index upvalue 'nothing' (a nil value)
nothing.field = 1                   --> attempt to index upvalue 'nothing' (a nil value)
nothing()                           --> attempt to call upvalue 'nothing' (a nil value)
local x = {} .. "x"                 --> attempt to concatenate a table value
local x = nil + 1                   --> attempt to perform arithmetic on a nil value
local x = -{}                       --> attempt to perform arithmetic on a table value
local x = #5                        --> attempt to get length of a number value
local x = 1 < "2"                   --> attempt to compare number with string
local x = {} < {}                   --> attempt to compare two table values
local t = {} t[nil] = 1             --> table index is nil
local t = {} t[0/0] = 1             --> table index is NaN
for i = 1, "x" do end               --> 'for' limit must be a number
for i = 1, 10, 0 do break end

local function third()
  error("in the third function")
end

local function second()
  third()
end

second()                            --> errors.lua:19: in the third function

-- An expression over several lines is at the line of the part that failed.
local function long()
  return {
    a = 1,
    b = nothing.x,
  }
end
long()                              --> errors.lua:32: attempt to index

-- What the library refuses names the argument.
math.floor("x")                     --> bad argument #1 to 'floor' (number expected, got string)
("x"):rep({})                       --> bad argument #1 to 'rep' (number expected, got table)
setmetatable({}, 5)                 --> bad argument #2 to 'setmetatable' (nil or table expected)
setmetatable(5, {})                 --> bad argument #1 to 'setmetatable' (table expected, got number)
tostring()                          --> bad argument #1 to 'tostring' (value expected)
type()                              --> bad argument #1 to 'type' (value expected)
tonumber({}, 99)                    --> bad argument #1 to 'tonumber' (string expected, got table)
select("x")                         --> bad argument #1 to 'select' (number expected, got string)

-- Metatables work; their errors are at the line that is inside.
local point = {}
point.__index = point
point.__add = function(a, b) return setmetatable({n = a.n + b.n}, point) end
point.__eq = function(a, b) return a.n == b.n end
point.__lt = function(a, b) return a.n < b.n end
point.__le = function(a, b) return a.n <= b.n end
point.__call = function(self, x) return self.n + x end
point.__concat = function(a, b) return "joined" end
point.__unm = function(a) return "minus" end
point.__tostring = function(p) return "point " .. p.n end
point.__len = function() error("no length") end
local function new(n) return setmetatable({n = n}, point) end
assert((new(1) + new(2)).n == 3 and new(1) == new(1) and new(1) < new(2) and new(2) <= new(2) and new(3)(4) == 7)
assert(new(1) .. "x" == "joined" and -new(1) == "minus" and tostring(new(5)) == "point 5")
local n = #new(1)                   --> errors.lua:58: no length
assert(rawequal(new(1), new(1)) == false)
assert(getmetatable(new(1)) == point)
setmetatable(new(1), nil)
local locked = setmetatable({}, {__metatable = "locked"})
assert(getmetatable(locked) == "locked")
setmetatable(locked, {})            --> cannot change a protected metatable

---- an error that nobody catches ends the script: the text after the place is the message

local function check(size)
  if size > 5 then error("too big: " .. size) end
end
check(6)                            --> errors.lua:73: too big: 6
