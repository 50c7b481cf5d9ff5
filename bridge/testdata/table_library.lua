-- The table library works on lists, and says what else it was given.

--- concat, unpack, maxn, getn
-- result: share
assert(table.concat(result.tags) == "bac" and table.concat(result.tags, "-", 2, 3) == "a-c" and table.concat(result.metadata.empty_list) == "")
local a, b, c, d = unpack(result.tags)
assert(a == "b" and b == "a" and c == "c" and d == nil)
assert(table.maxn(result.tags) == 3 and table.getn(result.tags) == 3)
assert(table.concat(result.pair, "/") == "1/2")
--[[unchanged]]

--- sort
-- result: share
table.sort(result.tags)
assert(table.concat(result.tags) == "abc")
table.sort(result.export_locations, function(a, b) return a.path > b.path end)
--[=[result {"tags": ["a", "b", "c"], "export_locations": [{"path": "10.0.0.5:/c", "...": 0}, {"path": "10.0.0.5:/b", "...": 0},
  {"path": "10.0.0.5:/a", "...": 0}], "...": 0}]=]

--- a sort that fails half way leaves every item there
-- result: share
table.sort(result.export_locations, function() error("no order", 0) end)   --> no order
table.sort(result.metadata.list, function(a, b) return a < b end)          --> table_library.lua:23: attempt to compare table with number
assert(#result.export_locations == 3 and #result.metadata.list == 4)
--[[dropped]]

--- sort puts a list back as it was
-- result: numbers
table.sort(result)
assert(result[1] == 1 and result[5] == 36028797018963969)
table.sort(result, function(a, b)
  local order = { [3] = 2, [1] = 4, [2] = 5 }
  return (order[a] or a > 2 ^ 54 and 3 or 1) < (order[b] or b > 2 ^ 54 and 3 or 1)
end)
--[[unchanged]]

--- insert and remove at every position
-- result: numbers
while #result > 0 do table.remove(result, 1) end
assert(table.remove(result) == nil and #result == 0)
for i = 1, 3 do table.insert(result, 1, i) end
table.insert(result, 2, 10)
table.insert(result, #result + 1, 11)
assert(table.remove(result, 3) == 2 and table.remove(result) == 11)
--[=[result [3, 10, 1]]=]

--- items set to nil at the end are gone for the library too
-- result: numbers
result[#result] = nil
table.sort(result)
assert(table.concat(result, " ") == "1 3 9007199254740993 36028797018963969")
result[#result], result[#result - 1] = nil, nil
assert(table.remove(result) == 3 and #result == 1)
result[1] = nil
table.sort(result)
assert(table.remove(result) == nil and #result == 0)
table.insert(result, 5)
local plain = { 3, 1, 2 }
plain[#plain] = nil
table.sort(plain)
plain[#plain] = nil
assert(table.remove(plain) == 1 and table.remove(plain) == nil and #plain == 0)
--[=[result [5]]=]

--- a map or record is no list
-- result: share
table.insert(result, "x")            --> result: want a list, got a table with named keys
table.insert(result.metadata, "x")   --> result.metadata: want a list, got a table with named keys
table.remove(result.labels)          --> result.labels: want a list, got a table with named keys
table.sort(result.inline)            --> result.inline: want a list, got a table with named keys
assert(table.concat(result.labels) == "" and table.maxn(result) == 0 and unpack(result.metadata) == nil)
for _ in ipairs(result) do error("a record has no items") end
--[[unchanged]]

--- plain tables and views mix
-- result: share
local plain = { "x" }
table.insert(plain, result.export_locations[1])
table.insert(plain, 1, result.tags)
assert(plain[1][1] == "b" and plain[3].path == "10.0.0.5:/a")
result.metadata.mix = plain
result.metadata.mix[1][1] = "first"
--[=[result {"metadata": {"mix": [["first", "a", "c"], "x", {"path": "10.0.0.5:/a", "preferred": true, "metadata": {"zone": "z1"}}], "...": 0},
  "tags": ["first", "a", "c"], "...": 0}]=]

--- json.encode shows views as the tables they are
-- result: share
result.inline.backend_details.a = "1"
assert(json.encode(result.inline) == '{"backend_details":{"a":"1"},"id":"in","next":null}')
assert(json.encode(result.tags) == '["b","a","c"]')
assert(json.encode({ result.metadata.list, result.metadata.empty_list, result.metadata.empty_map }) == '[[9007199254740993,null,"x",{"k":1}],[],{}]')
--[[dropped]]
