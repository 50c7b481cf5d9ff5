-- expect: contained
-- as: hook
function post.attack(call, result)
  result.echo.extra.self = result.echo.extra
  result.echo.extra.map.up = result.echo.extra
end
