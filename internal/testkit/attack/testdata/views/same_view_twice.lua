-- expect: contained
-- as: hook
function post.attack(call, result)
  local first = result.echo.items[1]
  for i = 1, 200 do result.echo.items[i] = first end
  first.meta.all = "same"
  result.echo.extra.items = result.echo.items
  result.echo.extra.items[1].name = "other"
end
