-- expect: contained | one level at a time, through the view
-- as: hook
function post.attack(call, result)
  local at = result.echo.extra
  for i = 1, 1e5 do at.n = {} at = at.n end
end
