-- expect: contained
-- as: hook
function post.attack(call, result)
  local extra = result.echo.extra
  for i = 1, 40 do extra.list = { extra.list, extra.list } end
end
