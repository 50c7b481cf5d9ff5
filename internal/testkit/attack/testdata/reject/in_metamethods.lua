-- expect: rejected
-- as: hook
function pre.attack()
  local t = setmetatable({}, { __index = function() reject("index") end })
  pcall(function() return t.x end)
  while true do pcall(error) end
end
