-- A table that contains itself has no value in Go.

--- a record inside itself
-- result: share
result.share_server.next = result.share_server
--[[commit result.share_server.next: a cycle: the table contains itself]]
result.metadata.me = result.metadata
--[[commit result.metadata.me: a cycle: the table contains itself]]
result.metadata.list[1] = result.metadata.list
--[[commit result.metadata.list[1]: a cycle: the table contains itself]]
result.metadata.root = result
--[[commit result.metadata.root: a cycle: the table contains itself]]
--[[unchanged]]

--- a plain table inside itself
-- result: share
local t = {}
t.t = t
result.extra = t                             --> result.extra.t: a cycle: the table contains itself
local late = {}
result.extra = late
late.a = { late }
--[[commit result.extra.a[1]: a cycle: the table contains itself]]
local t = {}
t[1] = { t }
return t
--[[commit result: want a table with named fields, got a number key]]

--- through both
-- result: free
local t = { inner = result.nested }
result.nested.outer = t
--[[commit result.nested.outer.inner: a cycle: the table contains itself]]
return { result, { result.list }, wrong = 1 }
--[[commit result: want a list, got a table with the key "wrong"]]

--- the same table at two places is no cycle
-- result: free
local t = { a = 1 }
result.x, result.y = t, t
result.again = result.nested
result.nested.deep.new = 1
--[=[result {"x": {"a": 1}, "y": {"a": 1}, "again": {"deep": {"deeper": [[], {}], "new": 1}}, "nested": {"deep": {"deeper": [[], {}], "new": 1}}, "...": 0}]=]

--- tables nested too deep
-- result: free
local t = {}
for _ = 1, 99 do t = { t } end
result.x = t
t = { t }
result.y = { t }                             --> nested deeper than 100 tables
local deep = { t }
result.z = {}
result.z.deep = deep
--[[commit result.z.deep[1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]: nested deeper than 100 tables]]

--- tables with too many values
-- result: free
local t = {}
for _ = 1, 30 do t = { t, t } end
result.x = t
--[[commit result.x[1][1][1][1][1][1][1][1][1][1][1][2][2][2][2][2][2][2][2][2][2][2][2][2][2][2][2][1][2]: has more than 1048576 values]]

--- functions, threads and odd keys are no data
-- result: free
result.x = { f = print }                     --> result.x.f: want data, got function
result.x = coroutine.create(function() end)  --> result.x: want data, got thread
result.x = { [true] = 1 }                    --> result.x: want string keys, got a boolean key
result.x = { [1.5] = 1 }                     --> result.x: want a list, got a table with the key 1.5
result.x = { [{}] = 1 }                      --> result.x: want string keys, got a table key
return print
--[[commit result: want data, got function]]
