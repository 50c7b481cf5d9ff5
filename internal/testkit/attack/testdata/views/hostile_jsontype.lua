-- expect: contained
-- as: hook
function post.attack(call, result)
  for _, kind in ipairs { "array", "object", "x", 1, true, {} } do
    pcall(function() result.echo.extra.t = setmetatable({ a = 1, [1] = 2, [1e9] = 3 }, { __jsontype = kind }) end)
    pcall(function() result.echo.extra.u = setmetatable({ [1e9] = 3 }, { __jsontype = kind }) end)
  end
end
