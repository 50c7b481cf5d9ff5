-- expect: contained
-- as: hook
function pre.attack(call) return { args = call.args, f = function() return call.args.size end, call = call } end
function post.attack(call, result)
  pcall(function() return call.pre.args.size end)
  pcall(function() return call.pre.f() end)
  pcall(function() result.echo.extra.pre = call.pre end)
  result.seen.pre = nil
end
