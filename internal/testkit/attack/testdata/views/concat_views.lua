-- expect: contained
-- as: hook
function post.attack(call, result)
  for _, range in ipairs { { 1, 1e9 }, { -1e9, 1 }, { 1, 2^53 }, { 0/0, 1 } } do pcall(table.concat, result.echo.words, "x", range[1], range[2]) end
  return nil
end
