-- expect: contained
-- as: hook
function post.attack(call, result)
  local n = 0
  for key in pairs(result.echo.labels) do n = n + 1 result.echo.labels[key .. "x"] = n end
end
