-- options and service: what a script is told, read only.

assert(options.limit == 10 and options.nested.deep.er == 1.5 and options.unknown == nil)
assert(#options.tags == 2 and options.tags[2] == "b" and #options.empty == 0 and next(options.empty) == nil)
assert(service.name == "gold" and service.host == "server1@gold")
local keys = {}
for k in pairs(options) do keys[#keys + 1] = k end
assert(table.concat(keys, " ") == "empty limit nested tags")
keys = {}
for k in pairs(service) do keys[#keys + 1] = k end
assert(table.concat(keys, " ") == "name host")

options.limit = 11                    --> options.limit: read only
options.fresh = 1                     --> options.fresh: read only
options.nested.deep.er = 2            --> options.nested.deep.er: read only
options.tags[1] = "x"                 --> options.tags[1]: read only
options.tags[3] = "x"                 --> options.tags[3]: read only
rawset(options.tags, 1, "x")          --> options.tags[1]: read only
for i, tag in ipairs(options.tags) do assert(options.tags[i] == tag) end
options.tags[2] = nil                 --> options.tags[2]: read only
options.limit = nil                   --> options.limit: read only
rawset(options, "limit", 1)           --> options.limit: read only
table.insert(options.tags, "x")       --> options.tags: read only
table.insert(options.tags, 1, "x")    --> options.tags: read only
table.remove(options.tags)            --> options.tags: read only
table.sort(options.tags)              --> options.tags: read only
service.name = "x"                    --> service.name: read only
service.other = "x"                   --> service.other: read only
assert(options.limit == 10 and #options.tags == 2 and options.tags[1] == "a")

-- The global itself is the script's: it may be put aside.
local kept = options
options = {limit = 99}
assert(options.limit == 99 and kept.limit == 10)

function test_they_live_as_long_as_the_script()
  assert(kept.limit == 10 and service.host == "server1@gold")
end

---- each script has its own

assert(options.limit == 10)
