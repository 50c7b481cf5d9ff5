-- expect: killed | what was overwritten is held until its writes are taken back
-- timeout: 5s
-- as: hook
function post.attack(call, result)
  for i = 1, 1e6 do
    result.echo.extra = nil
    result.echo.extra.x = ("x"):rep(60000) .. i
  end
end
