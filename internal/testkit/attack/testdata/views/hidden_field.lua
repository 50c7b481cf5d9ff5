-- expect: ok
-- as: hook
function pre.attack(call)
  assert(not pcall(function() return assert(call.args.hidden) end))
  for key in pairs(call.args) do assert(key ~= "hidden") end
  assert(not json.encode(call.args):find("unseen", 1, true))
  assert(not tostring(call.args):find("unseen", 1, true))
end
