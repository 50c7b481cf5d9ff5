-- expect: contained
-- uses: luar
-- as: hook
function post.attack(call, result)
  pcall(host.Take, host, call) pcall(host.Take, host, call.args) pcall(host.Take, host, result.echo.items)
  pcall(host.TakeSlice, host, result.echo.numbers) pcall(host.TakePointer, host, result.echo.tree) pcall(host.TakeMap, host, result.echo.extra)
end
