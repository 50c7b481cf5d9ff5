-- expect: contained
-- as: hook
function post.attack(call, result)
  local s = ("\1"):rep(1e5)
  for i, item in ipairs(result.echo.items) do item.name = s item.meta.x = s end
  while true do pcall(json.encode, result) pcall(json.encode, call.args) end
end
