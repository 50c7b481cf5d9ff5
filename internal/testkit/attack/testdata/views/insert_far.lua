-- expect: contained
-- as: hook
function post.attack(call, result)
  for _, at in ipairs { 1e9, -1, 0, 0/0, 1/0, -1/0, 2^53, 1.5 } do pcall(table.insert, result.echo.numbers, at, 1) end
end
