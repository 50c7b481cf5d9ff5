-- expect: ok
-- as: hook
function post.attack(call, result)
  assert(result.echo.items == result.echo.items and result.echo.items[1] == result.echo.items[1])
  assert(result.echo.items ~= call.args.items)
  local t = { [result.echo] = 1 }
  assert(t[result.echo] == 1)
end
