-- expect: contained | one string, ten thousand times
-- as: hook
function post.attack(call, result)
  local s, t = ("x"):rep(1e6), {}
  for i = 1, 1e4 do t[i] = s end
  result.echo.extra.t = t
end
