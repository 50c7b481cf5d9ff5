-- pairs, next and rawget see views as tables.

--- pairs walks the fields of a record in their order, without those that are nil
-- result: share
local names = {}
for k, v in pairs(result.share_server.next) do names[#names + 1] = k .. "=" .. type(v) end
assert(table.concat(names, " ") == "id=string backend_details=table", table.concat(names, " "))
names = {}
for k in pairs(result) do names[#names + 1] = k end
assert(names[1] == "id" and names[2] == "name" and names[#names] == "State" and #names == 25, #names)
--[[unchanged]]

--- pairs walks a map in the order of its keys, with what was written
-- result: share
local m = result.metadata
m.added, m.on, m.big = 1, nil, "x"
local keys = {}
for k, v in pairs(m) do keys[#keys + 1] = k; assert(m[k] == v) end
assert(table.concat(keys, " ") == "added big empty_list empty_map list num rule struct", table.concat(keys, " "))
--[[dropped]]
local keys = {}
for k in pairs(result.metadata) do keys[#keys + 1] = k end
assert(table.concat(keys, " ") == "big empty_list empty_map list num on rule struct", table.concat(keys, " "))
--[[unchanged]]

--- pairs walks a list in order
-- result: share
local seen = {}
for i, v in pairs(result.metadata.list) do seen[#seen + 1] = i .. type(v) end
assert(table.concat(seen, " ") == "1number 2userdata 3string 4table", table.concat(seen, " "))
--[[unchanged]]

--- next begins anywhere, and refuses a key that is not there
-- result: share
local m = result.labels
assert(next(m, "app") == "env")
assert(next(m) == "app" and next(m, "env") == nil)
local k, v = next(result.inline, "id")
assert(k == "backend_details" and v == result.inline.backend_details)
assert(next(result.tags, 1) == 2 and next(result.tags, 3) == nil and next(result.tags) == 1)
next(m, "absent")             --> invalid key to 'next'
next(m, 1)                    --> invalid key to 'next'
next(result, "absent")        --> invalid key to 'next'
next(result, {})              --> invalid key to 'next'
--[[unchanged]]

--- existing keys may be assigned and removed during a walk
-- result: share
local n = 0
for k in pairs(result.metadata) do
  n = n + 1
  result.metadata[k] = k == "on" and "kept" or nil
end
assert(n == 8 and next(result.metadata) == "on" and next(result.metadata, "on") == nil)
for k in pairs(result.labels) do result.labels[k] = k end
for k, v in pairs(result.share_server) do
  if type(v) == "string" then result.share_server[k] = nil end
end
for i in pairs(result.tags) do result.tags[i] = i .. "" end
--[=[result {"metadata": {"none": null, "on": "kept"}, "labels": {"app": "app", "env": "env"}, "share_server": {"id": "", "...": 0},
  "tags": ["1", "2", "3"], "...": 0}]=]

--- two walks of one table do not disturb one another
-- result: share
local n = 0
for k in pairs(result.metadata) do
  for _ in pairs(result.metadata) do n = n + 1 end
  result.metadata[k] = nil
end
assert(n == 8 + 7 + 6 + 5 + 4 + 3 + 2 + 1 and next(result.metadata) == nil)
--[=[result {"metadata": {}, "...": 0}]=]

--- a map that is emptied loses its nulls too, though no walk gives them
-- result: share
for k in pairs(result.metadata) do result.metadata[k] = nil end
for k in pairs(result.named) do result.named[k] = nil end
--[=[result {"metadata": {}, "named": {}, "...": 0}]=]

--- nulls stay in a map of which keys were removed in any other way
-- result: share
for k in pairs(result.metadata) do if k ~= "on" then result.metadata[k] = nil end end
result.named.first = nil
assert(next(result.named) == nil)
--[=[result {"metadata": {"none": null, "on": true}, "named": {"none": null}, "...": 0}]=]

--- a null that was written into an emptied map stays
-- result: share
for k in pairs(result.metadata) do result.metadata[k] = nil end
result.metadata.new = null
assert(next(result.metadata) == nil)
--[=[result {"metadata": {"new": null}, "...": 0}]=]

--- rawget, rawset and rawequal see the same as plain access
-- result: share
assert(rawget(result, "name") == "home" and rawget(result.labels, "env") == "prod" and rawget(result.tags, 1) == "b")
assert(rawget(result, "nothing") == nil and rawget(result.tags, 9) == nil and rawget(result.tags, "x") == nil)
rawset(result, "name", "raw")
rawset(result.labels, "x", "y")
rawset(result.tags, 2, "z")
assert(rawequal(result.tags, result.tags) and not rawequal(result.tags, result.labels))
--[=[result {"title": "raw", "labels": {"env": "prod", "app": "web", "x": "y"}, "tags": ["b", "z", "c"], "...": 0}]=]

--- a view hides its metatable and keeps it
-- result: share
assert(getmetatable(result) == nil and getmetatable(result.tags) == nil and getmetatable(result.labels) == nil)
setmetatable(result, {})               --> cannot change a protected metatable
setmetatable(result.tags, nil)         --> cannot change a protected metatable
assert(tostring(result):match("^table: ") and tostring(result.tags):match("^table: "))
--[[unchanged]]

--- a map is emptied in a loop of all that the script itself put into it
-- result: blank
local m = result.metadata
m.seen, m.other = true, 1
for k in pairs(m) do m[k] = nil end
assert(next(m) == nil)
m.seen = true
for k, v in pairs(m) do if v == true then m[k] = nil end end
assert(next(m) == nil and next(m, "seen") == nil)
next(m, "absent")                      --> invalid key to 'next'
--[[unchanged]]

--- an empty map is emptied as one that is absent
-- result: share
local m = result.metadata.empty_map
m.seen = true
for k in pairs(m) do m[k] = nil end
assert(next(m) == nil)
--[[unchanged]]

--- keys that are put between two walks are met in their order
-- result: share
local m, seen = result.labels, ""
assert(next(m) == "app")
for k in ("d b zz c aa zz env"):gmatch("%a+") do m[k] = "v" assert(next(m) <= "app") end
for k in pairs(m) do seen = seen .. " " .. k end
assert(seen == " aa app b c d env zz", seen)
m.c, m.x, m.y, m.y, m.zz = nil, "v", "v", "w", nil
m.x, m.k = nil, "v"
seen = ""
for k in pairs(m) do seen = seen .. " " .. k end
assert(seen == " aa app b d env k y", seen)
for k in pairs(m) do m[k] = nil end
assert(next(m) == nil)
--[=[result {"labels": {}, "...": 0}]=]
