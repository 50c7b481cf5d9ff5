-- Maps with string keys take any key.

--- keys read, and absent ones are nil
-- result: share
local m = result.metadata
assert(m.on == true and m.none == nil and m.absent == nil and m[1] == nil and #m == 0)
assert(result.labels.env == "prod" and result.places.here.id == "p-1")
assert(result.named.first.id == "r-3" and result.named.none == nil)
--[[unchanged]]

--- keys are added, replaced and removed, and the map that was there is not touched
-- result: share
result.labels.env = "test"
result.labels.app = nil
result.labels.team = "x"
result.labels.absent = nil
assert(result.labels.env == "test" and result.labels.app == nil and result.labels.team == "x")
--[=[result {"labels": {"env": "test", "team": "x"}, "...": 0}]=]

--- nil removes a key, null keeps it with nothing in it
-- result: share
result.metadata.on = nil
result.metadata.num = null
result.metadata.added = null
assert(result.metadata.num == nil and result.metadata.added == nil)
--[=[result {"metadata": {"big": 9007199254740993, "num": null, "added": null, "none": null, "list": [9007199254740993, null, "x", {"k": 1}],
  "empty_list": [], "empty_map": {}, "rule": {"id": "r-9", "access_level": "", "access_to": ""},
  "struct": {"id": "srv-9", "backend_details": null, "next": null}}, "...": 0}]=]

--- null in a map whose values cannot be nil is the zero value, and reads so
-- result: share
result.labels.env = null
assert(result.labels.env == "")
result.places.here = null
assert(result.places.here.id == "" and result.places.here.next == nil)
result.named.first = null
assert(result.named.first == nil)
--[=[result {"labels": {"env": "", "app": "web"}, "places": {"here": {"id": "", "backend_details": null, "next": null}},
  "named": {"first": null, "none": null}, "...": 0}]=]

--- a key added and removed again is as if never there
-- result: share
result.metadata.tmp = 1
result.metadata.tmp = nil
result.labels.tmp = "x"
result.labels.tmp = nil
--[[unchanged]]

--- values are checked at the line where the map is typed
-- result: share
result.labels.env = 1               --> result.labels.env: want string, got number
result.labels[1] = "x"              --> result.labels: want string keys, got a number key
result.labels[true] = "x"           --> result.labels: want string keys, got a boolean key
result.places.there = { uid = "" }  --> result.places.there.uid: no such field (did you mean "id"?)
result.places["a\nb"] = 5             --> result.places.a\nb: want table, got number
result.places.here.id = 5           --> result.places.here.id: want string, got number
result.metadata.f = print           --> result.metadata.f: want data, got function
result.metadata.nan = 0 / 0         --> result.metadata.nan: want a finite number, got NaN
result.metadata.inf = 1 / 0         --> result.metadata.inf: want a finite number, got +Inf
result.metadata.mixed = { 1, a = 2 } --> result.metadata.mixed: want a list, got a table with the key "a"
result.metadata.sparse = { 1, nil, 3 } --> result.metadata.sparse: a hole: item 2 of 3 is nil
--[[unchanged]]

--- a nil map reads as an empty table, and stays nil when it is only read
-- result: blank
assert(next(result.metadata) == nil and result.metadata.x == nil)
for _ in pairs(result.labels) do error("not empty") end
result.labels.x = nil
--[[unchanged]]

--- a nil map can be filled
-- result: blank
result.metadata.a = 1
result.labels.b = "x"
result.places.c = { id = "p" }
result.named.d = { id = "n" }
--[=[result {"metadata": {"a": 1}, "labels": {"b": "x"}, "places": {"c": {"id": "p", "...": 0}}, "named": {"d": {"id": "n", "...": 0}}, "...": 0}]=]

--- nested free-form data is changed in place, and the rest keeps its Go types
-- result: share
result.metadata.list[4].k = 2
result.metadata.struct.id = "srv-10"
result.metadata.rule.access_level = "rw"
result.metadata.empty_map.x = {}
result.metadata.empty_list[1] = "x"
--[=[result {"metadata": {"list": [9007199254740993, null, "x", {"k": 2}], "struct": {"id": "srv-10", "backend_details": null, "next": null},
  "rule": {"id": "r-9", "access_level": "rw", "access_to": ""}, "empty_map": {"x": {}}, "empty_list": ["x"], "...": 0}, "...": 0}]=]

--- a map as a whole
-- result: free
result.path = "/b"
result.nested.deep.deeper[1][1] = "x"
result.none = nil
--[=[result {"size": 9007199254740993, "path": "/b", "list": [1, 9007199254740993, null, 2.50], "empty_list": [],
  "empty_map": {}, "nested": {"deep": {"deeper": [["x"], {}]}}, "z": 1, "a": true}]=]

--- raw JSON reads as what it says and keeps its text until it is changed
-- result: share
assert(result.raw.b[2] == 2.5 and result.raw.a == 9007199254740992)
--[[unchanged]]
result.raw.b[1] = "<x>"
--[=[result {"raw": {"a": 9007199254740993, "b": ["<x>", 2.50]}, "...": 0}]=]
result.raw = "just text"
assert(result.raw == "just text")
--[=[result {"raw": "just text", "...": 0}]=]
assert(result.raw == "just text")
result.raw = nil
assert(result.raw == nil)
--[=[result {"raw": null, "...": 0}]=]
