-- Hooks of one call run one after another on one scope: a hook commits, or has no effect.

--- what a hook did is gone unless it is committed
-- result: share
result.size, result.name, result.metadata.x, result.labels.env = 99, "gone", 1, nil
result.tags[1] = "gone"
table.insert(result.export_locations, { path = "gone" })
result.export_locations[1].path = "gone"
result.export_locations[1].metadata.zone = "gone"
result.share_server.next.id = "gone"
result.inline, result.extra, result.quota = nil, "gone", 1
result.raw.b[1] = "gone"
table.sort(result.tags)
--[[dropped]]
assert(result.size == 10 and result.name == "home" and result.metadata.x == nil and result.labels.env == "prod")
assert(table.concat(result.tags) == "bac" and #result.export_locations == 3 and result.export_locations[1].path == "10.0.0.5:/a")
assert(result.export_locations[1].metadata.zone == "z1" and result.share_server.next.id == "srv-2")
assert(result.inline.id == "in" and result.extra[3] == 3 and result.quota == 9007199254740992 and result.raw.b[1] == 1)
--[[unchanged]]

--- a hook that raises leaves nothing, whatever it caught before
-- result: share
result.size = 99
if #result.tags == 3 then result.tags[1] = 5 end
pcall(function() result.size = "x" end)
pcall(function() result.name = "changed"; error("later") end)
error("broken", 0)
--[[raises broken]]
assert(result.size == 10 and result.name == "home" and result.tags[1] == "b")
result.name = "next"
--[=[result {"size": 10, "title": "next", "tags": ["b", "a", "c"], "...": 0}]=]

--- a commit that fails leaves nothing, and the next hook starts from what was committed before
-- result: share
result.size = 11
result.inline.id = "first"
--[=[result {"size": 11, "inline": {"id": "first", "...": 0}, "...": 0}]=]
result.size = 12
result.inline.id = "second"
result.inline.backend_details.x = "y"
result.tags[2] = nil
--[[commit result.tags: a hole: item 2 of 3 is nil]]
assert(result.size == 11 and result.inline.id == "first" and result.inline.backend_details.x == nil and result.tags[2] == "a")
result.size = result.size + 1
--[=[result {"size": 12, "inline": {"id": "first", "...": 0}, "tags": ["b", "a", "c"], "...": 0}]=]

--- each hook sees what those before it committed
-- result: shares
for _, s in ipairs(result) do s.size = s.size * 10 end
--[=[result [{"size": 10, "...": 0}, {"size": 20, "...": 0}, {"size": 30, "...": 0}]]=]
table.remove(result, 2)
result[2].size = result[2].size + 1
--[=[result [{"size": 10, "...": 0}, {"size": 31, "...": 0}]]=]
result[1], result[2] = result[2], result[1]
table.insert(result, 2, { id = "mid" })
--[=[result [{"size": 31, "...": 0}, {"id": "mid", "...": 0}, {"size": 10, "...": 0}]]=]
result[2].size = 5
result[3] = nil
--[=[result [{"size": 31, "...": 0}, {"size": 5, "...": 0}]]=]

--- a view kept from an earlier hook shows the old value, and writing to it changes nothing
-- result: share
kept, list, nested = result, result.tags, result.inline
result.size = 11
result.tags[1] = "x"
result.inline.id = "new"
--[=[result {"size": 11, "tags": ["x", "a", "c"], "inline": {"id": "new", "...": 0}, "...": 0}]=]
assert(kept ~= result and kept.size == 10 and result.size == 11)
assert(list[1] == "b" and result.tags[1] == "x" and nested.id == "in" and result.inline.id == "new")
kept.size, list[1], nested.id = 1, "1", "1"
assert(result.size == 11 and result.tags[1] == "x" and result.inline.id == "new")
--[[unchanged]]
assert(kept.size == 10 and list[1] == "b" and nested.id == "in")
result.tags = list
--[=[result {"size": 11, "tags": ["b", "a", "c"], "inline": {"id": "new", "...": 0}, "...": 0}]=]

--- a plain table that a hook put into the value and kept is not the value
-- result: free
mine = { a = { 1 } }
result.mine = mine
--[=[result {"mine": {"a": [1]}, "...": 0}]=]
mine.a[1], mine.b = 2, 3
assert(result.mine.a[1] == 1 and result.mine.b == nil and result.mine ~= mine)
--[[unchanged]]

--- a plain table that was dropped with its hook stays out
-- result: share
mine = { path = "mine" }
result.export_locations[2] = mine
result.metadata.mine = mine
--[[dropped]]
mine.path = "changed"
assert(result.export_locations[2].path == "10.0.0.5:/b" and result.metadata.mine == nil)
--[[unchanged]]

--- an item taken out by one hook is not another's
-- result: share
taken = table.remove(result.export_locations, 1)
taken.path = "taken"
--[=[result {"export_locations": [{"path": "10.0.0.5:/b", "...": 0}, {"path": "10.0.0.5:/c", "...": 0}], "...": 0}]=]
assert(taken.path == "10.0.0.5:/a")
taken.path = "written late"
--[[unchanged]]
assert(taken.path == "10.0.0.5:/a" and #result.export_locations == 2)
table.insert(result.export_locations, taken)
--[=[result {"export_locations": [{"path": "10.0.0.5:/b", "...": 0}, {"path": "10.0.0.5:/c", "...": 0}, {"path": "10.0.0.5:/a", "...": 0}], "...": 0}]=]

--- one value's changes say nothing about another's
-- result: share
args.size, args.tags[1], args.metadata.x = 5, "args", 1
assert(result.size == 10 and result.tags[1] == "b" and result.metadata.x == nil)
--[[unchanged]]
assert(args.size == 10 and args.tags[1] == "b" and args.metadata.x == nil)
result.size = 11
--[=[result {"size": 11, "tags": ["b", "a", "c"], "...": 0}]=]

--- a change that was made, looked at elsewhere and taken back is no change
-- result: share
result.inline.id = "changed"
table.insert(result.tags, "x")
result.inline.next = { id = "n" }
result.metadata.copy = result.inline
result.metadata.copy = nil
result.share_server.next = result.inline
result.share_server.next = nil
result.inline.next = nil
table.remove(result.tags)
--[=[result {"inline": {"id": "changed", "backend_details": null, "next": null}, "tags": ["b", "a", "c"], "share_server": {"id": "srv-1", "next": null, "...": 0}, "...": 0}]=]
