-- Messages name what they are about as Lua 5.1 does.

local up
local t = { deep = {} }
local x = nil; x = #x                   --> attempt to get length of local 'x' (a nil value)
local n = #t.deep.labels                --> attempt to get length of field 'labels' (a nil value)
local n = -t.none                       --> attempt to perform arithmetic on field 'none' (a nil value)
local x; x = x + 1                      --> attempt to perform arithmetic on local 'x' (a nil value)
local x = 1 + up                        --> attempt to perform arithmetic on upvalue 'up' (a nil value)
local x = {}; x = x .. "x"              --> attempt to concatenate local 'x' (a table value)
local x = "x" .. t.none .. "y"          --> attempt to concatenate field 'none' (a nil value)
local x = up.y                          --> attempt to index upvalue 'up' (a nil value)
local x = t.deep.none.post              --> attempt to index field 'none' (a nil value)
nothing.x = 1                           --> attempt to index global 'nothing' (a nil value)
t[1].x = 1                              --> attempt to index field '?' (a nil value)
up()                                    --> attempt to call upvalue 'up' (a nil value)
local function f(p) p() end f(5)        --> attempt to call local 'p' (a number value)
t.none()                                --> attempt to call field 'none' (a nil value)
t:none()                                --> attempt to call method 'none' (a nil value)
("x"):none()                            --> attempt to call method 'none' (a nil value)
nothing()                               --> attempt to call global 'nothing' (a nil value)
for _ in nothing do end                 --> attempt to call a nil value
local x = t < t                         --> attempt to compare two table values
local x = t < 1                         --> attempt to compare table with number
local x = (up or up)()                  --> attempt to call a nil value
string.rep()                            --> bad argument #1 to 'rep' (string expected, got no value)
("x"):rep({})                           --> bad argument #1 to 'rep' (number expected, got table)
local method = "x" method.rep({}, 1)    --> bad argument #1 to 'rep' (string expected, got table)
string.rep("x", nil)                    --> bad argument #2 to 'rep' (number expected, got nil)
local own = string.rep own({})          --> bad argument #1 to 'own' (string expected, got table)
for k in next, 5 do end                 --> bad argument #1 to '(for generator)' (table expected, got number)
for k in string.rep(nil) do end         --> bad argument #1 to 'rep' (string expected, got nil)
for k in t.deep.none.x do end           --> attempt to index field 'none' (a nil value)
for k in t:none(1) do end               --> attempt to call method 'none' (a nil value)
local k = "rep" for x in string[k]() do end --> bad argument #1 to '?' (string expected, got no value)
local a if false then local b end a()   --> attempt to call local 'a' (a nil value)
local a if true then else local b end a() --> attempt to call local 'a' (a nil value)
local a if nil then local b elseif true then local c else local d end a() --> attempt to call local 'a' (a nil value)
local a while false do local b end a()  --> attempt to call local 'a' (a nil value)
local f, g = function() local a; a() end, function() local b, a; do local b end a() end f() --> attempt to call local 'a' (a nil value)
local f, g = function() local a, b; b() end, function() do local a end local b; b() end g() --> attempt to call local 'b' (a nil value)
for i = {}, 1 do end                    --> 'for' initial value must be a number

-- A variable that is no longer in scope lends its name to nothing, also where its block ends within the line.
do local a = 1 end nothing:bbbb(3)      --> attempt to index global 'nothing' (a nil value)
do local a = 1 end t:bbbb(3)            --> attempt to call method 'bbbb' (a nil value)
for i = 1, 2 do local v = i end t.x.y() --> attempt to index field 'x' (a nil value)

-- Called by pcall itself a function has neither name nor place, and what a script raises stays as it is.
assert(select(2, pcall(string.rep)) == "bad argument #1 to '?' (string expected, got no value)")
assert(select(2, pcall(error, " with a blank")) == " with a blank" and select(2, pcall(assert, nil, " 12 ")) == " 12 ")
assert(select(2, pcall(nil)) == "attempt to call a nil value")

-- A long name is cut.
local ok, why = pcall(function() return t.none_of_the_names_that_people_write_is_as_long_as_this_one_which_ends_behind_its_eightieth_letter.x end)
assert(why:find("attempt to index field 'none_of_the_names_that_people_write_is_as_long_as_this_one_which_ends_behind_...' (a nil value)", 1, true), why)
