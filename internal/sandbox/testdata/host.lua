-- Host objects: the allowed methods and nothing else.

assert(depot:Add(2) == 2 and depot.Add(3) == 5)
assert(depot:Join("-") == "" and depot:Join("-", "a", "b") == "a-b")
local v = depot:Fetch("disk")
assert(v.name == "disk" and #v.sizes == 2 and v.sizes[2] == 2)
v.name = "changed"
assert(depot:Fetch("disk").name == "disk", "results are copies")

depot:Fail()                  --> depot.Fail: out of order
depot:Crash()                 --> internal: panic: depot.Crash: on fire
depot:Secret()                --> attempt to call
depot:Add("x")                --> depot.Add: argument 1: want integer, got string
depot:Add(1.5)                --> depot.Add: argument 1: want integer, got 1.5
depot:Add()                   --> depot.Add: want 1 argument, got 0
depot:Add(1, 2)               --> depot.Add: want 1 argument, got 2
depot:Join()                  --> depot.Join: want
depot:Join("-", 5)            --> depot.Join: argument 2: want string, got number
depot.x = 1                   --> depot is read only
local x = depot + 1           --> attempt to perform arithmetic on
depot()                       --> attempt to call
assert(depot.total == nil and depot.Secret == nil and next(depot) == nil and getmetatable(depot) == false)

-- They work in protected calls, coroutines and metamethods.
local ok, e = pcall(depot.Fail)
assert(not ok and e == "depot.Fail: out of order", e)
assert(select(2, pcall(depot.Add, 1)) == 6)
assert(coroutine.wrap(function() return depot:Add(1) end)() == 7)
assert(setmetatable({}, {__index = function() return depot:Add(1) end}).x == 8)
