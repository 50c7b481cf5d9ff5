-- expect: contained
-- as: hook
function post.attack(call, result)
  local t = { 1, 2, 3 } t[60000000] = 4
  result.echo.numbers = t
end
