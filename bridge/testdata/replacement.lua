-- What a hook returns replaces the value.

--- nothing, nil and the value itself keep the changes in place
-- result: share
result.size = 11
--[=[result {"size": 11, "...": 0}]=]
result.size = 12
return nil
--[=[result {"size": 12, "...": 0}]=]
result.size = 13
return result
--[=[result {"size": 13, "...": 0}]=]
return result
--[[unchanged]]

--- a plain table becomes a value of the Go type, with its checks
-- result: share
return { id = "s-2", export_locations = { { path = "p" } }, metadata = { a = { 1 } }, share_server = { next = { id = "n" } }, tags = {} }
--[=[result {"id": "s-2", "size": 0, "export_locations": [{"path": "p", "preferred": false, "metadata": null}], "metadata": {"a": [1]},
  "share_server": {"id": "", "backend_details": null, "next": {"id": "n", "backend_details": null, "next": null}}, "tags": [], "inline": {"id": "", "...": 0}, "...": 0}]=]
assert(result.id == "s-2" and #result.tags == 0 and result.metadata.a[1] == 1)
return { id = "s-3", undefined = 1 }
--[[commit result.undefined: no such field]]
return { size = "big" }
--[[commit result.size: want integer, got string]]
return "text"
--[[commit result: want table, got string]]
return false
--[[commit result: want table, got boolean]]
return { 1, 2 }
--[[commit result: want a table with named fields, got a number key]]
assert(result.id == "s-2")
--[[unchanged]]

--- a replacement may be built of parts of the value, with the changes made to them
-- result: share
-- rebuilds: the pointer of a number is made anew
result.export_locations[2].path = "second"
result.metadata.list[4].k = 5
local all = { result.export_locations[2], result.export_locations[1], { path = "own" } }
return { id = result.id, export_locations = all, metadata = { list = result.metadata.list }, share_server = result.share_server,
  access_rules = result.access_rules, quota = result.quota, inline = result.share_server.next }
--[=[result {"id": "s-1", "export_locations": [{"path": "second", "...": 0}, {"path": "10.0.0.5:/a", "...": 0}, {"path": "own", "...": 0}],
  "metadata": {"list": [9007199254740993, null, "x", {"k": 5}]}, "share_server": {"id": "srv-1", "...": 0}, "size": 0,
  "access_rules": [{"id": "r-1", "...": 0}, null, {"id": "r-2", "...": 0}], "quota": 9007199254740993, "inline": {"id": "srv-2", "...": 0}, "...": 0}]=]
result.export_locations[1].path = "first"
--[=[result {"export_locations": [{"path": "first", "...": 0}, {"...": 0}, {"...": 0}], "...": 0}]=]

--- of parts of another value
-- result: share
-- rebuilds: what comes from another value is no part of this one
args.size = 99
args.export_locations[1].path = "from args"
result.export_locations = args.export_locations
result.inline = args.share_server
return { size = args.size, export_locations = result.export_locations, inline = result.inline, metadata = frozen.metadata }
--[=[result {"size": 99, "export_locations": [{"path": "from args", "...": 0}, {"...": 0}, {"...": 0}], "inline": {"id": "srv-1", "...": 0},
  "metadata": {"big": 9007199254740993, "...": 0}, "...": 0}]=]
assert(args.size == 10 and args.export_locations[1].path == "10.0.0.5:/a")
args.export_locations[1].path = "again"
assert(result.export_locations[1].path == "from args")
--[[unchanged]]
return args
--[=[result {"id": "s-1", "size": 10, "...": 0}]=]
args.size = 5
assert(result.size == 10)
result.size = 6
assert(args.size == 5)
--[=[result {"size": 6, "...": 0}]=]
assert(args.size == 10)
--[[unchanged]]

--- free-form data is replaced by any data
-- result: free
return { "a", { b = {} }, result.list }
--[=[result ["a", {"b": {}}, [1, 9007199254740993, null, 2.50]]]=]
return 5
--[=[result 5]=]
assert(result == 5)
return "text"
--[=[result "text"]=]
return { x = 1 }
--[=[result {"x": 1}]=]
return null
--[=[result null]=]
assert(result == nil)
--[[unchanged]]

--- part of the value becomes the value
-- result: free
return result.nested.deep
--[=[result {"deeper": [[], {}]}]=]
result.deeper[1][1] = 1
return result.deeper
--[=[result [[1], {}]]=]

--- a record becomes one of its own type
-- result: pointer
return { id = "other" }
--[=[result {"id": "other", "...": 0}]=]
result.size = 3
--[=[result {"id": "other", "size": 3, "...": 0}]=]

--- lists and maps as a whole
-- result: share
result.tags = {}
result.access_rules = { result.access_rules[3], null, { id = "r-5" }, result.access_rules[1] }
result.metadata = { list = result.metadata.list, empty = result.metadata.empty_list }
result.labels = result.labels
result.named = { a = result.named.first, b = result.access_rules[4] }
result.places = { x = result.share_server }
--[=[result {"tags": [], "access_rules": [{"id": "r-2", "...": 0}, null, {"id": "r-5", "...": 0}, {"id": "r-1", "...": 0}],
  "metadata": {"list": [9007199254740993, null, "x", {"k": 1}], "empty": []}, "named": {"a": {"id": "r-3", "...": 0}, "b": {"id": "r-1", "...": 0}},
  "places": {"x": {"id": "srv-1", "...": 0}}, "...": 0}]=]
