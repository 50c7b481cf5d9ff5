-- expect: ok
-- as: hook
-- calls: 5
-- memory: 4
-- A list that pre touched and kept is there when what the hook keeps is measured after its post, within the same call.
local kept
function pre.attack(call)
  kept = { call.args.items, call.args.words }
  for _, list in ipairs(kept) do assert(#list > 0) end
end
function post.attack(call, result)
  for i = 1, 200000 do local garbage = { i } end
end
