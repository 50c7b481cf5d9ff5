-- expect: contained
-- as: hook
local function loop() while true do end end
function pre.attack()
  return setmetatable({}, { __index = loop, __newindex = loop, __tostring = loop, __eq = loop, __len = loop, __call = loop, __gc = loop, __mode = "k", __pairs = loop })
end
function post.attack(call, result) assert(call.pre) end
