-- expect: contained
-- as: hook
function post.attack(call, result)
  result.echo = call.args
  result.seen.args = call.args
  result.echo.items = call.args.items
  result.seen.args.items[1].name = "x"
end
