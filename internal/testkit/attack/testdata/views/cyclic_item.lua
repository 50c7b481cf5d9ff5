-- expect: contained
-- as: hook
function post.attack(call, result)
  for i = 1, 50 do result.echo.extra.list[i] = result.echo.extra.list end
end
