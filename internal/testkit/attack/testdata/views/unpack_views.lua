-- expect: contained
-- as: hook
function post.attack(call, result)
  for _, range in ipairs { { 1, 1e9 }, { -1e9, 1e9 }, { 1, 2^53 }, { 0/0, 1 }, { 1, 0/0 }, { -2^53, -2^53 + 1 } } do
    pcall(unpack, result.echo.items, range[1], range[2])
  end
end
