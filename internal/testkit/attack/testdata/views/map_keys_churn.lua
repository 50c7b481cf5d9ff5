-- expect: killed | keys that come and go
-- as: hook
function post.attack(call, result)
  local i, extra = 0, result.echo.extra
  while true do i = i + 1 extra["k" .. i] = i extra["k" .. i] = nil end
end
