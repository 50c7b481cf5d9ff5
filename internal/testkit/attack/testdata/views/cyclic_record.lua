-- expect: contained
-- as: hook
function post.attack(call, result)
  result.echo.tree.next = result.echo.tree
  result.echo.tree.next.next = result.echo.tree
end
