-- A read-only value refuses every write, at every depth and in every way.

--- reading is as elsewhere
-- result: share
assert(frozen.size == 10 and frozen.tags[1] == "b" and #frozen.tags == 3 and frozen.tags[4] == nil and frozen.labels.env == "prod")
assert(table.concat(frozen.tags, ",") == "b,a,c" and select("#", unpack(frozen.tags)) == 3 and table.maxn(frozen.tags) == 3)
local n = 0
for i, v in ipairs(frozen.export_locations) do assert(v == frozen.export_locations[i]); n = n + i end
for i, v in pairs(frozen.tags) do assert(v == frozen.tags[i]); n = n + i end
for _ in pairs(frozen.metadata) do n = n + 1 end
assert(n == 20, n)
assert(next(frozen.tags) == 1 and next(frozen.tags, 3) == nil and next(frozen.metadata.empty_list) == nil)
assert(frozen.access_rules[2] == null and frozen.export_locations[1] == frozen.export_locations[1])
assert(frozen.metadata.list[4].k == 1 and rawget(frozen.tags, 2) == "a")
--[[unchanged]]

--- fields, keys and items cannot be written
-- result: share
frozen.size = 11                          --> frozen.size: read only
frozen.undefined = 1                      --> frozen.undefined: read only
frozen.inline.id = "x"                    --> frozen.inline.id: read only
frozen.labels.env = nil                   --> frozen.labels.env: read only
frozen.labels.new = "x"                   --> frozen.labels.new: read only
frozen.tags[1] = "x"                      --> frozen.tags[1]: read only
frozen.tags[4] = "x"                      --> frozen.tags[4]: read only
frozen.export_locations[1].path = "x"     --> frozen.export_locations[1].path: read only
frozen.metadata.list[4].k = 2             --> frozen.metadata.list[4].k: read only
frozen.metadata.list[1] = 2               --> frozen.metadata.list[1]: read only
frozen.raw.b[1] = 2                       --> frozen.raw.b[1]: read only
--[[unchanged]]

--- nor through the library, before or after the first reading
-- result: share
table.insert(frozen.tags, "x")            --> frozen.tags: read only
table.remove(frozen.tags)                 --> frozen.tags: read only
table.sort(frozen.tags)                   --> frozen.tags: read only
table.insert(frozen, "x")                 --> frozen: read only
rawset(frozen, "size", 1)                 --> frozen.size: read only
rawset(frozen.tags, 1, "x")               --> frozen.tags[1]: read only
assert(frozen.tags[1] == "b" and #frozen.tags == 3)
table.insert(frozen.tags, 1, "x")         --> frozen.tags: read only
rawset(frozen.tags, 1, "x")               --> frozen.tags[1]: read only
for i, v in ipairs(frozen.tags) do
  fails(function() frozen.tags[i] = v .. "x" end, "read only")
end
local _, state = ipairs(frozen.tags)
pcall(function() state[1] = "x" end)
pcall(rawset, state, 1, "x")
local walk, over = pairs(frozen.tags)
pcall(function() over[1] = "x" end)
assert(frozen.tags[1] == "b" and table.concat(frozen.tags) == "bac")
--[[unchanged]]
assert(frozen.tags[1] == "b" and table.concat(frozen.tags) == "bac")
--[[unchanged]]

--- a read-only value can be put into one that may be written, and stays read only there
-- result: share
-- rebuilds: what comes from another value is no part of this one
result.tags = frozen.tags
result.export_locations[4] = frozen.export_locations[1]
result.metadata.list = frozen.metadata.list
result.tags[1] = "x"                      --> frozen.tags[1]: read only
result.export_locations[4].path = "x"     --> frozen.export_locations[1].path: read only
--[=[result {"tags": ["b", "a", "c"], "export_locations": [{"...": 0}, {"...": 0}, {"...": 0}, {"path": "10.0.0.5:/a", "...": 0}],
  "metadata": {"list": [9007199254740993, null, "x", {"k": 1}], "...": 0}, "...": 0}]=]
result.tags[1] = "x"
--[=[result {"tags": ["x", "a", "c"], "...": 0}]=]
assert(frozen.tags[1] == "b")
--[[unchanged]]
