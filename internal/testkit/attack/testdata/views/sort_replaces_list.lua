-- expect: contained
-- as: hook
function post.attack(call, result)
  table.sort(result.echo.items, function(a, b) result.echo.items = {} return a.count < b.count end)
end
