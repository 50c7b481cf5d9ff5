-- expect: contained
-- as: hook
function post.attack(call, result)
  table.sort(result.echo.items, function(a, b) a.count, b.count = b.count, a.count return math.random() < 0.5 end)
end
