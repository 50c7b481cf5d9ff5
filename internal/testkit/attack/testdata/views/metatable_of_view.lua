-- expect: ok
-- as: hook
function pre.attack(call)
  local locked = getmetatable(call.args)
  assert(type(locked) ~= "table", "the metatable of views is open")
  assert(not pcall(setmetatable, call.args, {}))
  assert(not pcall(setmetatable, call.args.items, { __index = function() return "EVIL" end }))
  assert(not pcall(rawset, call, "args", 1) or call.args)
end
