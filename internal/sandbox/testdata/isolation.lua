-- The first script leaves something in every place it can think of. The others must not find it.

depot.x = 1                    --> depot is read only
rawset(depot, "Add", print)    --> depot is read only
table.insert(depot, "x")       --> depot is read only
setmetatable(depot, {})        --> cannot change a protected metatable
assert(getmetatable(depot) == false)

color = "red"
rawset(_G, "shape", "round")
setmetatable(_G, {__index = function() return "trap" end})
function tostring() return "trap" end
function string.upper() return "trap" end
string.mine = "trap"
table.insert(table, "trap")
rawset(table, "mine", "trap")
math.pi = 3
math.random = nil
json.encode = nil
log.info = nil
coroutine.wrap = nil
os.time = nil
io = {open = "trap"}
depot = {Add = function() return "trap" end}
pre.create_share = "trap"
null_was = null

-- What is not the script's own refuses.
options.limit = 20             --> options.limit: read only
rawset(options, "limit", 20)   --> options.limit: read only
rawset(service, "name", "x")   --> service.name: read only
options.tags[1] = "x"          --> options.tags[1]: read only
null.x = 1                     --> attempt to index
rawset(null, "x", 1)           --> table expected, got null
setmetatable(null, {})         --> table expected, got null
setmetatable("", {})           --> table expected, got string
setmetatable(print, {})        --> table expected, got function
setmetatable(0, {})            --> table expected, got number
setmetatable(true, {})         --> table expected, got boolean
setmetatable(nil, {})          --> table expected, got nil
setmetatable(coroutine.create(function() end), {})  --> table expected, got thread
setmetatable(options, {})      --> cannot change a protected metatable
setmetatable(options, nil)     --> cannot change a protected metatable
assert(getmetatable("").__index == string and getmetatable(options) == nil and getmetatable(null) == false)
assert(getmetatable(print) == nil and getmetatable(1) == nil)

-- This script sees its own changes.
assert(depot.Add(1) == "trap" and rawget(io, "open") == "trap" and table[1] == "trap" and unknown == "trap")
local counter = require("counter")
assert(counter.next() == 1 and counter.next() == 2)
counter_seen = "trap"

---- second

assert(color == nil and shape == nil and unknown == nil and null_was == nil and counter_seen == nil)
assert(getmetatable(_G) == nil)
assert(tostring(12) == "12")
assert(string.upper("a") == "A" and ("a"):upper() == "A")
assert(string.mine == nil and ("").mine == nil)
assert(#table == 0 and table.mine == nil)
assert(math.pi > 3.14 and math.random() < 1)
assert(json.encode(1) == "1")
assert(coroutine.wrap(function() return 5 end)() == 5)
assert(os.time() > 0)
assert(io == nil)
assert(depot.mine == nil and depot.Add(2) == 2 and #depot == 0)
assert(pre.create_share == nil)
log.info("still there")  --| info still there
assert(options.limit == 10 and options.tags[1] == "a" and service.name == "gold")

-- A module is loaded anew for each script.
local counter = require("counter")
assert(counter.next() == 1)

-- A coroutine and an error value belong to the script that made them: there is no place to find another's.
assert(coroutine.running() == nil)
local ok, e = pcall(error)
assert(not ok and e == nil)

---- third: what replaces a function in the string table stays the script's own

local real = string.format
function string.format(f) return "formatted by me: " .. f end
assert(string.format("x") == "formatted by me: x")
assert(("x"):format() == "formatted by me: x", "strings have the methods of the script's own library")
string.format = real
function string:trimmed() return (self:gsub("^%s*(.-)%s*$", "%1")) end
assert(("  x "):trimmed() == "x" and getmetatable("").__index == string)
function test_methods_of_strings_stay() assert((" y "):trimmed() == "y") end
