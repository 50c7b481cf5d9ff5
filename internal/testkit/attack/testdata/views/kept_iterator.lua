-- expect: contained
-- as: hook
-- calls: 2
local iterate, list, key
function post.attack(call, result)
  if iterate then for i = 1, 1000 do key = iterate(list, key) end end
  iterate, list = pairs(result.echo.items)
end
