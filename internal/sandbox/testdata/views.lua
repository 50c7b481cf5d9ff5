-- The same library on what crosses from Go: records, maps and lists. They behave as tables.

function test_a_record_is_walked(share)
  assert(type(share) == "table")
  local keys = {}
  for k in pairs(share) do keys[#keys + 1] = k end
  assert(table.concat(keys, " ") == "id size paths places metadata extra preferred", table.concat(keys, " "))
  assert(next(share) == "id" and select(2, next(share)) == "a1")
  assert(next(share, "preferred") == nil)
  next(share, "nonsense")               --> invalid key to 'next'
end

function test_a_map_is_walked_in_order_and_may_be_emptied(share)
  local keys = {}
  for k, v in pairs(share.metadata) do keys[#keys + 1] = k .. "=" .. v end
  assert(table.concat(keys, " ") == "owner=ann zone=z1")
  for k in pairs(share.metadata) do share.metadata[k] = nil end
  assert(next(share.metadata) == nil)
  share.metadata.fresh = "yes"
  assert(next(share.metadata) == "fresh")
end

function test_a_list_is_walked(share)
  assert(#share.paths == 3)
  local seen = {}
  for i, p in ipairs(share.paths) do seen[i] = p end
  assert(table.concat(seen, " ") == "/c /a /b")
  seen = {}
  for i, p in pairs(share.paths) do seen[i] = p end
  assert(table.concat(seen, " ") == "/c /a /b")
  local n = 0
  for _, place in ipairs(share.places) do n = n + #place.path end
  assert(n == 6)
end

function test_the_table_library_works_on_lists(share)
  local p = share.paths
  table.sort(p)
  assert(table.concat(p, " ") == "/a /b /c")
  table.sort(p, function(a, b) return a > b end)
  assert(table.concat(p, " ") == "/c /b /a")
  table.insert(p, "/d")
  table.insert(p, 1, "/z")
  assert(table.remove(p) == "/d" and table.remove(p, 1) == "/z" and #p == 3)
  p[#p + 1] = "/e"
  p[#p] = nil
  assert(#p == 3 and select("#", unpack(p)) == 3 and table.maxn(p) == 3)
  table.sort(share.places, function(a, b) return a.path > b.path end)
  assert(share.places[1].path == "two" and share.places[1].admin)
end

function test_lists_take_only_what_fits(share)
  share.paths[1] = 5                     --> share.paths[1]: want string, got number
  table.insert(share.paths, {})          --> want string, got table
  table.insert(share.places, {path = 1}) --> want string, got number
  share.paths.x = 1                      --> share.paths: want a list index from 1, got "x"
  assert(#share.paths == 3)
end

function test_records_and_maps_are_no_lists(share)
  assert(#share == 0 and #share.metadata == 0)
  for _ in ipairs(share) do error("walked") end
  assert(table.concat(share) == "" and select("#", unpack(share)) == 0)
  table.insert(share, 1)                 --> want a list, got a table with named keys
  table.sort(share.metadata)             --> want a list, got a table with named keys
  table.remove(share)                    --> want a list, got a table with named keys
end

function test_rawget_and_rawset_know_fields(share)
  assert(rawget(share, "id") == "a1" and rawget(share, "nothing") == nil and rawget(share.paths, 1) == "/c")
  assert(rawset(share, "size", 4) == share and share.size == 4)
  rawset(share, "size", "big")           --> share.size: want integer, got string
  rawset(share, "sise", 5)               --> share.sise: no such field (did you mean "size"?)
  share.sise = 5                         --> share.sise: no such field (did you mean "size"?)
  assert(rawequal(share.places, share.places) and share.places[1] == share.places[1])
end

function test_null_and_nil(share)
  assert(share.deleted == nil and share.preferred.path == "three")
  assert(share.extra.list[2] == null and #share.extra.list == 3)
  assert(tostring(null) == "null" and null ~= nil and null == null)
  share.extra.list[2] = nil
  share.preferred = nil
  assert(share.preferred == nil)
end

function test_a_metatable_cannot_be_put_on_a_view(share)
  setmetatable(share, {})                --> this table was given to the hook: cannot change a protected metatable
  setmetatable(share.paths, nil)         --> this table was given to the hook: cannot change a protected metatable
end

function test_a_view_is_copied_with_its_metatable_as_any_table(share)
  local function deepcopy(o)
    if type(o) ~= "table" then return o end
    local c = {}
    for k, v in pairs(o) do c[deepcopy(k)] = deepcopy(v) end
    return setmetatable(c, getmetatable(o))
  end
  local copy = deepcopy(share)
  assert(copy.id == share.id and #copy.paths == #share.paths)
  copy.paths[1], copy.anything = "mine", {}
  assert(getmetatable(share) == nil and getmetatable(share.metadata) == nil and getmetatable(share.paths) == nil)
end

function test_a_view_is_kept(share)
  kept, kept_list = share, share.paths
end

function test_z_a_kept_view_says_that_its_call_has_ended()
  local x = kept.id                      --> this value belongs to a call that has ended
  kept.id = "b"                          --> this value belongs to a call that has ended
  local x = kept_list[1]                 --> this value belongs to a call that has ended
  for k in pairs(kept) do end            --> this value belongs to a call that has ended
  table.sort(kept_list)                  --> this value belongs to a call that has ended
  json.encode(kept)                      --> value: this value belongs to a call that has ended
end
