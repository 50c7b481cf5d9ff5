-- Records: the fields of a struct, by tag or name, checked at the line that writes.

--- fields read by their lua tag, else their json tag, else their Go name
-- result: share
assert(type(result) == "table")
assert(result.id == "s-1" and result.name == "home" and result.State == "available")
assert(result.size == 10 and result.ratio == 0.5 and result.is_public == true)
assert(result.share_server.id == "srv-1" and result.inline.id == "in")
assert(result.pair[1] == 1 and result.pair[2] == 2 and #result.pair == 2)
--[[unchanged]]

--- other names, tagged away, unexported and hidden fields read as nil
-- result: share
assert(result.title == nil and result.Title == nil, "json tag beside a lua tag")
assert(result.Password == nil and result.hidden == nil and result.Hidden == nil and result.secret == nil)
assert(result.Notify == nil and result.Done == nil and result.Phase == nil and result.ByNumber == nil)
assert(result[1] == nil and result[true] == nil and #result == 0)
--[[unchanged]]

--- what scripts do not see survives a change
-- result: share
result.size = 11
--[=[result {"size": 11, "title": "home", "hidden": "h", "...": 0}]=]

--- an undefined field is an error at the line, with a suggestion
-- result: share
result.sise = 1                    --> result.sise: no such field (did you mean "size"?)
result.share_server.identity = "x" --> result.share_server.identity: no such field
result.inline.ID = "x"             --> result.inline.ID: no such field (did you mean "id"?)
result.Password = "x"              --> result.Password: no such field
result.Notify = nil                --> result.Notify: no such field
result[1] = "x"                    --> result[1]: no such field: want a name, got number
result[{}] = "x"                   --> result[a table]: no such field: want a name, got table
result.export_locations[2].pth = 1 --> result.export_locations[2].pth: no such field (did you mean "path"?)
rawset(result, "sise", 1)          --> result.sise: no such field (did you mean "size"?)
result[("sise"):rep(1000)] = 1     --> sises...: no such field
--[[unchanged]]

--- a wrong type is an error at the line, with the path
-- result: share
result.size = "10"                 --> result.size: want integer, got string
result.size = 1.5                  --> result.size: want integer, got 1.5
result.size = {}                   --> result.size: want integer, got table
result.name = 1                    --> result.name: want string, got number
result.name = true                 --> result.name: want string, got boolean
result.is_public = 1               --> result.is_public: want boolean, got number
result.ratio = "0.5"               --> result.ratio: want number, got string
result.created_at = "yesterday"    --> result.created_at: want time (RFC 3339), got "yesterday"
result.created_at = 5              --> result.created_at: want time (RFC 3339), got number
result.addr = "10.0.0"             --> result.addr: "10.0.0" does not fit: ParseAddr("10.0.0"): IPv4 address too short
result.count = "5"                 --> result.count: want number, got string
result.quota = "5"                 --> result.quota: want integer, got string
result.inline = "x"                --> result.inline: want table, got string
result.share_server = 1            --> result.share_server: want table, got number
result.metadata = "x"              --> result.metadata: want table, got string
result.tags = "x"                  --> result.tags: want list, got string
result.extra = print               --> result.extra: want data, got function
result.extra = { f = print }       --> result.extra.f: want data, got function
result.raw = { print }             --> result.raw[1]: want data, got function
result.inline = { id = 1 }         --> result.inline.id: want string, got number
result.inline = { idd = "" }       --> result.inline.idd: no such field (did you mean "id"?)
result.inline = { "x" }            --> result.inline: want a table with named fields, got a number key
result.tags = { "a", 2 }           --> result.tags[2]: want string, got number
result.tags = { a = "x" }          --> result.tags: want a list, got a table with the key "a"
result.pair = { 1 }                --> result.pair: want 2 items, got 1
result.access_rules = { { id = 1 } } --> result.access_rules[1].id: want string, got number
--[[unchanged]]

--- a write is read back at once
-- result: share
result.size = 11
result.name = "away"
result.quota = 5
result.created_at = "2026-01-02T03:04:05Z"
result.addr = "10.0.0.6"
result.count = 7
result.deep = { path = "d" }
result.extra = "x"
result.raw = { a = { 1 } }
assert(result.size == 11 and result.name == "away" and result.quota == 5)
assert(result.created_at == "2026-01-02T03:04:05Z" and result.addr == "10.0.0.6" and result.count == 7)
assert(result.deep.path == "d" and result.extra == "x" and result.raw.a[1] == 1)
assert(rawget(result, "size") == 11)
--[=[result {"size": 11, "title": "away", "quota": 5, "created_at": "2026-01-02T03:04:05Z", "addr": "10.0.0.6", "count": 7,
  "deep": {"path": "d", "preferred": false, "metadata": null}, "extra": "x", "raw": {"a": [1]}, "id": "s-1", "...": 0}]=]

--- the same table comes each time
-- result: share
assert(result.inline == result.inline and rawequal(result.inline, result.inline))
assert(result.export_locations[1] == result.export_locations[1])
assert(result.metadata.list == result.metadata.list and result.raw == result.raw)
local seen = { [result.inline] = "inline" }
assert(seen[result.inline] == "inline")
--[[unchanged]]

--- nested records are written in place, and all that was not touched stays the same
-- result: share
result.share_server.next.id = "new"
result.inline.backend_details.ip = "1"
result.deep.path = "deeper"
result.named.first.access_level = "ro"
result.places.here.id = "p-2"
--[=[result {"share_server": {"id": "srv-1", "backend_details": {"ip": "10.0.0.9"},
    "next": {"id": "new", "backend_details": null, "next": null}},
  "inline": {"id": "in", "backend_details": {"ip": "1"}, "next": null},
  "deep": {"path": "deeper", "...": 0}, "named": {"first": {"id": "r-3", "access_level": "ro", "access_to": ""}, "none": null},
  "places": {"here": {"id": "p-2", "...": 0}}, "...": 0}]=]

--- values written twice, and written back, are as if never written
-- result: share
local size, quota, count, big = result.size, result.quota, result.count, result.metadata.big
result.size, result.quota, result.count, result.metadata.big = 1, 2, 3, 4
result.size, result.quota, result.count, result.metadata.big = size, quota, count, big
local server, extra, raw = result.share_server, result.extra, result.raw
result.share_server, result.extra, result.raw = nil, nil, nil
result.share_server, result.extra, result.raw = server, extra, raw
--[=[result {"size": 10, "quota": 9007199254740993, "count": 9007199254740993, "metadata": {"big": 9007199254740993, "...": 0},
  "raw": {"b": [1, 2.50], "a": 9007199254740993}, "extra": [1, 2, 3], "...": 0}]=]

--- assigning what is there already changes nothing
-- result: share
for k, v in pairs(result) do result[k] = v end
for k, v in pairs(result.metadata) do result.metadata[k] = v end
for k, v in pairs(result.labels) do result.labels[k] = v end
for i, v in ipairs(result.metadata.list) do result.metadata.list[i] = v end
for i, v in ipairs(result.export_locations) do result.export_locations[i] = v end
--[[unchanged]]

--- a pointer at the root is followed
-- result: pointer
assert(result.id == "s-1")
result.size = 2
--[=[result {"id": "s-1", "size": 2, "...": 0}]=]
assert(result.size == 2)
--[[unchanged]]

--- a nil pointer at the root is nil, and can be replaced
-- result: absent
assert(result == nil)
--[[unchanged]]
return { id = "s-5" }
--[=[result {"id": "s-5", "size": 0, "...": 0}]=]
assert(result.id == "s-5")
--[[unchanged]]

--- a scalar at the root is itself
-- result: text
assert(result == "plain")
return result
--[[unchanged]]
return "other"
--[=[result "other"]=]
return 5
--[[commit result: want string, got number]]
