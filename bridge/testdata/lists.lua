-- Lists are arrays to Lua, and slices and arrays to Go.

--- items, length and ipairs
-- result: share
local l = result.export_locations
assert(#l == 3 and l[1].path == "10.0.0.5:/a" and l[4] == nil and l[0] == nil and l.x == nil)
local paths = {}
for i, location in ipairs(l) do paths[i] = location.path:sub(-2) end
assert(table.concat(paths, " ") == "/a /b /c")
assert(#result.tags == 3 and table.concat(result.tags, ",") == "b,a,c")
assert(select("#", unpack(result.tags)) == 3)
--[[unchanged]]

--- items are changed in place
-- result: share
for _, location in ipairs(result.export_locations) do
  location.path = location.path:gsub("^10%.0%.0%.5:", "pub:")
end
result.export_locations[1].metadata.zone = "z2"
result.access_rules[1].access_level = "ro"
result.tags[2] = "z"
result.pair[1] = 9
--[=[result {"export_locations": [{"path": "pub:/a", "preferred": true, "metadata": {"zone": "z2"}},
    {"path": "pub:/b", "preferred": false, "metadata": {}}, {"path": "pub:/c", "preferred": false, "metadata": null}],
  "access_rules": [{"id": "r-1", "access_level": "ro", "access_to": "10.0.0.0/8"}, null, {"id": "r-2", "access_level": "ro", "access_to": ""}],
  "tags": ["b", "z", "c"], "pair": [9, 2], "...": 0}]=]

--- items are appended, inserted and removed, and the others stay what they were
-- result: share
local l = result.export_locations
l[#l + 1] = { path = "new" }
table.insert(l, { path = "last", preferred = true })
table.insert(l, 1, { path = "first" })
table.remove(l, 3)
assert(#l == 5 and l[1].path == "first" and l[2].path == "10.0.0.5:/a" and l[5].path == "last")
table.insert(result.tags, 2, "x")
result.tags[#result.tags] = nil
--[=[result {"export_locations": [{"path": "first", "...": 0}, {"path": "10.0.0.5:/a", "preferred": true, "metadata": {"zone": "z1"}},
    {"path": "10.0.0.5:/c", "...": 0}, {"path": "new", "...": 0}, {"path": "last", "preferred": true, "metadata": null}],
  "tags": ["b", "x", "a"], "...": 0}]=]

--- items that moved keep their changes and what scripts do not see
-- result: share
local l = result.export_locations
l[1], l[3] = l[3], l[1]
l[1].path = "changed"
table.sort(result.access_rules, function(a, b) return (a ~= null and a.id or "") > (b ~= null and b.id or "") end)
--[=[result {"export_locations": [{"path": "changed", "...": 0}, {"path": "10.0.0.5:/b", "...": 0},
    {"path": "10.0.0.5:/a", "preferred": true, "metadata": {"zone": "z1"}}],
  "access_rules": [{"id": "r-2", "...": 0}, {"id": "r-1", "...": 0}, null], "...": 0}]=]

--- all items removed leave an empty list, not nil
-- result: share
while #result.tags > 0 do table.remove(result.tags) end
for i = #result.export_locations, 1, -1 do result.export_locations[i] = nil end
for i = #result.metadata.list, 1, -1 do table.remove(result.metadata.list, 1) end
--[=[result {"tags": [], "export_locations": [], "metadata": {"list": [], "...": 0}, "...": 0}]=]

--- a nil list reads as an empty table, and stays nil when it is only read or filled and emptied
-- result: blank
assert(#result.tags == 0 and result.tags[1] == nil)
for _ in ipairs(result.export_locations) do error("not empty") end
for _ in pairs(result.access_rules) do error("not empty") end
table.insert(result.tags, "x")
table.remove(result.tags)
--[[unchanged]]

--- a nil list can be filled
-- result: blank
table.insert(result.tags, "x")
result.export_locations[1] = { path = "p" }
result.access_rules[1] = null
--[=[result {"tags": ["x"], "export_locations": [{"path": "p", "preferred": false, "metadata": null}], "access_rules": [null], "...": 0}]=]

--- a new item is checked at the line
-- result: share
local l = result.export_locations
l[4] = "x"                         --> result.export_locations[4]: want table, got string
l[4] = { pathh = "x" }             --> result.export_locations[4].pathh: no such field (did you mean "path"?)
table.insert(l, "x")               --> result.export_locations[4]: want table, got string
table.insert(result.tags, 1)       --> result.tags[4]: want string, got number
table.insert(result.tags, 2, true) --> result.tags[4]: want string, got boolean
rawset(result.tags, 4, {})         --> result.tags[4]: want string, got table
l.x = 1                            --> result.export_locations: want a list index from 1, got "x"
l[0] = {}                          --> result.export_locations: want a list index from 1, got 0
l[-1] = {}                         --> result.export_locations: want a list index from 1, got -1
l[1.5] = {}                        --> result.export_locations: want a list index from 1, got 1.5
l[0 / 0] = {}                      --> result.export_locations: want a list index from 1, got NaN
l[l] = {}                          --> result.export_locations: want a list index from 1, got a table
l[100], l[0], l.x, l[-1], l[1.5] = nil, nil, nil, nil, nil
result.metadata.empty_list[#result.metadata.empty_list] = nil
--[[unchanged]]

--- an item that is replaced in a list that was read before is checked by the commit
-- result: share
assert(#result.tags == 3)
result.tags[2] = 5
--[[commit result.tags[2]: want string, got number]]
assert(#result.export_locations == 3)
result.export_locations[2] = { path = 5 }
--[[commit result.export_locations[2].path: want string, got number]]
assert(result.tags[2] == "a" and result.export_locations[2].path == "10.0.0.5:/b")
--[[unchanged]]

--- holes are errors of the commit
-- result: share
result.tags[2] = nil
--[[commit result.tags: a hole: item 2 of 3 is nil]]
result.tags[5] = "x"
--[[commit result.tags: a hole: item 4 of 5 is nil]]
result.metadata.list[2] = nil
--[[commit result.metadata.list: a hole: item 2 of 4 is nil]]
table.insert(result.tags, 0, "x")
--[[commit result.tags: a hole: item 1 of 4 is nil]]
table.insert(result.tags, -3, "x")
--[[commit result.tags: a hole: item 1 of 4 is nil]]
result.tags[100000000] = "x"       --> result.tags: a hole: item 100000000 would stand alone after 3 items
table.insert(result.tags, 1000000000, "x")
--[[commit result.tags: a hole: item 1000000000 stands alone after 3 items]]
for i = 1000, 1, -1 do result.metadata.empty_list[i] = i end
for i = 1000, 1, -1 do result.metadata.empty_list[i] = nil end
--[[unchanged]]

--- what was taken out or replaced is not checked
-- result: share
table.insert(result.tags, 0, "x")
table.insert(result.metadata.list, 0, "x")
table.insert(result.export_locations, 0, "x")   --> result.export_locations[4]: want table, got string
result.export_locations[1].metadata.x = {}
result.export_locations[1].metadata.x.f = print
result.tags, result.metadata.list = { "new" }, nil
table.remove(result.export_locations, 1)
--[=[result {"tags": ["new"], "export_locations": [{"path": "10.0.0.5:/b", "...": 0}, {"path": "10.0.0.5:/c", "...": 0}], "...": 0}]=]

--- an array keeps its length
-- result: share
result.pair[3] = 3
--[[commit result.pair: want 2 items, got 3]]
table.remove(result.pair)
--[[commit result.pair: want 2 items, got 1]]
result.pair = { 5, 6 }
assert(result.pair[2] == 6)
--[=[result {"pair": [5, 6], "...": 0}]=]

--- a list at the root
-- result: shares
assert(#result == 3 and result[2].id == "s-2")
table.remove(result, 1)
result[1].size = 20
result[#result + 1] = { id = "s-4" }
--[=[result [{"id": "s-2", "size": 20, "...": 0}, {"id": "s-3", "size": 3, "...": 0}, {"id": "s-4", "...": 0}]]=]
assert(#result == 3 and result[1].size == 20)
--[[unchanged]]
assert(#result == 3)
result[2] = 1
--[[commit result[2]: want table, got number]]
