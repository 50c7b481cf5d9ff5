-- expect: contained
-- as: hook
function post.attack(call, result)
  for key in pairs(result.echo.labels) do result.echo.labels[key] = nil end
  for key in pairs(result.echo.extra) do result.echo.extra = {} end
end
