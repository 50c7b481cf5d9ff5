-- expect: error
-- as: hook
function post.attack(call, result)
  for _, key in ipairs { 0/0, 1/0, -1/0, -1, 0, 1.5, 2^31, 2^53, -2^63, "x", {}, print, true } do
    for _, list in ipairs { result.echo.numbers, result.echo.items, result.echo.extra, result.echo.labels, result.echo } do
      pcall(function() return list[key] end)
      pcall(function() list[key] = 1 end)
      pcall(rawget, list, key)
      pcall(next, list, key)
    end
  end
  error("undo")
end
function pre.attack() end
