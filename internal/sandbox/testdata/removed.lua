-- Names of Lua's library that hooks must not have are nil. Using one is an error, which says what to use instead.

_G.package.loaded.x = 1        --> package is not available in hooks: use require, which finds modules
io.write("x")                 --> io is not available in hooks: use log to write, and options for input
local f = io.open             --> io is not available in hooks
io.lines = 1                  --> io is not available in hooks
local g = debug.getinfo       --> debug is not available in hooks: errors carry their traceback
debug.sethook()               --> debug is not available in hooks
package.path = "x"            --> package is not available in hooks: use require
local p = package.loaded      --> package is not available in hooks
channel.make()                --> channel is not available in hooks: hooks run one after another

dofile("x.lua")               --> dofile is not available in hooks: use require
loadfile("x.lua")             --> loadfile is not available in hooks: use require
load(function() end)          --> load is not available in hooks
loadstring("return 1")        --> loadstring is not available in hooks: write the function into the script
getfenv(1)                    --> getfenv is not available in hooks: globals are the script's own already
setfenv(1, {})                --> setfenv is not available in hooks
module("m")                   --> module is not available in hooks: return a table from the module's file
newproxy(true)                --> newproxy is not available in hooks
collectgarbage()              --> collectgarbage is not available in hooks: memory is freed by itself
collectgarbage("count")       --> collectgarbage is not available in hooks

os.execute("true")            --> os.execute is not available in hooks: a hook cannot start programs
os.exit(1)                    --> os.exit is not available in hooks: use reject to refuse a call, or error to fail
os.getenv("HOME")             --> os.getenv is not available in hooks: use options
os.setenv("HOME", "x")        --> os.setenv is not available in hooks
os.remove("x")                --> os.remove is not available in hooks: a hook cannot reach files
os.rename("x", "y")           --> os.rename is not available in hooks
os.tmpname()                  --> os.tmpname is not available in hooks
os.setlocale("C")             --> os.setlocale is not available in hooks: the locale is always C
string.dump(print)            --> string.dump is not available in hooks
string.gfind("a", "a")        --> string.gfind is not available in hooks: use string.gmatch
table.foreach({}, print)      --> table.foreach is not available in hooks: use a for loop with pairs
table.foreachi({}, print)     --> table.foreachi is not available in hooks: use a for loop with ipairs
table.setn({}, 3)             --> table.setn is not available in hooks: a table's length follows from its items
math.mod(5, 3)                --> math.mod is not available in hooks: use math.fmod, or %

_G.io.write("x")              --> io is not available in hooks: use log to write, and options for input
_G.os.exit(1)                 --> os.exit is not available in hooks: use reject to refuse a call, or error to fail
local o = os print(o.exit())  --> os.exit is not available in hooks

-- They are errors like others: a script may ask first, and may try.
assert(io == nil and os.execute == nil and not (debug and debug.traceback))
local ok, why = pcall(function() return os.getenv("HOME") end)
assert(not ok and why:find("os.getenv is not available in hooks: use options", 1, true), why)
local ok, why = coroutine.resume(coroutine.create(function() return io.stdin end))
assert(not ok and why:find("io is not available in hooks", 1, true), why)

-- A script may have its own under that name, and other errors on the line are what they are.
local ok, why = pcall(function() return io, nil + 1 end)
assert(not ok and not why:find("available"), why)
local ok, why = pcall(function() local o = os o = {} o.exit() end)
assert(not ok and not why:find("available"), why)
io = {write = function() end}
io.write("x")
io.read()                     --> attempt to call field 'read' (a nil value)
local ok, why = pcall(function() io.read() end)
assert(not ok and not why:find("available"), why)
