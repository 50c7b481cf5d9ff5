-- expect: contained
-- as: hook
function post.attack(call, result)
  local at = result.echo.tree
  for i = 1, 1e5 do at.next = { name = "x" } at = at.next end
end
