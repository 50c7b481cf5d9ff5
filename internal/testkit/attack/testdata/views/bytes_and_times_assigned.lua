-- expect: contained
-- as: hook
function post.attack(call, result)
  for i = 1, 100 do
    pcall(function() result.echo.created = ("2"):rep(1e6) .. i end)
    pcall(function() result.echo.id = ("x"):rep(1e6) .. i end)
    pcall(function() result.echo.tree.name = ("x"):rep(1e6) .. i end)
    pcall(function() result.echo.words[i % 2 + 1] = ("x"):rep(1e6) .. i end)
  end
end
