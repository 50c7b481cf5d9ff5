-- A nil inside a list reads as null, everywhere else as nil.

--- null holds the place of a nil inside a list
-- result: share
local l = result.metadata.list
assert(#l == 4 and l[2] == null and type(null) == "userdata" and tostring(null) == "null")
assert(result.access_rules[2] == null and #result.access_rules == 3)
local n = 0
for _, v in ipairs(l) do n = n + (v == null and 1 or 0) end
assert(n == 1)
--[[unchanged]]

--- null can be put into a list and taken out
-- result: free list
result[1] = null
result[3] = "y"
result[#result + 1] = null
--[=[result [null, "x", "y", {"k": [1]}, 36028797018963969, 1.50, null]]=]

--- null is nothing to index, to change or to compare
-- result: share
local ignored = null.x     --> attempt to index global 'null' (a null value)
null.x = 1                 --> attempt to index global 'null' (a null value)
setmetatable(null, {})     --> bad argument #1 to 'setmetatable' (table expected, got null)
assert(getmetatable(null) == false)
assert(null == null and null ~= nil and not (null == false))
--[[unchanged]]

--- nil and null set a field to its zero value
-- result: share
result.size, result.ratio, result.is_public, result.name = nil, null, nil, null
result.created_at, result.addr, result.count, result.digest, result.token = nil, null, nil, null, nil
assert(result.size == 0 and result.ratio == 0 and result.is_public == false and result.name == "")
assert(result.created_at == nil and result.digest == nil and result.token == nil)
result.quota, result.share_server, result.deep, result.extra, result.raw = nil, null, nil, null, nil
assert(result.quota == nil and result.share_server == nil and result.deep == nil and result.extra == nil and result.raw == nil)
--[=[result {"size": 0, "ratio": 0, "is_public": false, "title": "", "created_at": "0001-01-01T00:00:00Z", "addr": "", "count": 0,
  "digest": null, "token": null, "quota": null, "share_server": null, "deep": null, "extra": null, "raw": null, "...": 0}]=]

--- a map, list or record set to nil reads as empty, as it does once committed
-- result: share
result.metadata, result.tags, result.inline, result.pair, result.places = nil, null, nil, nil, null
assert(next(result.metadata) == nil and #result.tags == 0 and result.inline.id == "" and result.pair[2] == 0)
assert(result.metadata == result.metadata)
--[=[result {"metadata": null, "tags": null, "inline": {"id": "", "backend_details": null, "next": null}, "pair": [0, 0],
  "places": null, "...": 0}]=]
assert(next(result.metadata) == nil and #result.tags == 0 and result.inline.id == "" and result.pair[2] == 0)
--[[unchanged]]

--- a map, list or record set to nil can be filled again
-- result: share
result.metadata, result.tags, result.inline, result.pair = nil, nil, nil, nil
result.metadata.a = 1
table.insert(result.tags, "t")
result.inline.id = "again"
result.inline.uid = "x"     --> result.inline.uid: no such field (did you mean "id"?)
result.pair[1] = 7
--[=[result {"metadata": {"a": 1}, "tags": ["t"], "inline": {"id": "again", "backend_details": null, "next": null}, "pair": [7, 0], "...": 0}]=]

--- setting nil where nothing is changes nothing
-- result: blank
for _, k in ipairs { "quota", "share_server", "metadata", "tags", "extra", "raw", "created_at", "digest", "deep", "size", "count", "addr" } do
  result[k] = nil
end
result.metadata.x = nil
result.inline.next = nil
--[[unchanged]]

--- a null that a script returns inside data is a nil in Go
-- result: free
return { list = { 1, null, { null } }, map = { gone = nil, null = null } }
--[=[result {"list": [1, null, [null]], "map": {"null": null}}]=]
