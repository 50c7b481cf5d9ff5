-- expect: ok
-- as: hook
-- calls: 3
local kept = {}
function post.attack(call, result)
  for _, old in ipairs(kept) do
    for _, f in ipairs { next, pairs, ipairs, unpack, rawget, table.sort, table.concat, table.remove, json.encode, tostring, table.insert } do
      assert(not pcall(f, old.view, 1, 1) or f == tostring or f == pairs or f == ipairs, "a view outlived its call")
    end
  end
  kept[#kept + 1] = { view = result.echo }
end
