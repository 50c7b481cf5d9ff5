-- expect: killed|ok
-- as: hook
function post.attack(call, result)
  while true do
    local v = table.remove(result.echo.items, 1)
    if not v then break end
    table.insert(result.echo.items, v)
    table.insert(result.echo.items, v)
  end
end
