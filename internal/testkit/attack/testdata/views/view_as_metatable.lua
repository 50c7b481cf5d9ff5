-- expect: contained
-- as: hook
function post.attack(call, result)
  local t = setmetatable({}, result.echo.extra)
  result.echo.extra.__index = result.echo.extra
  local _ = t.anything
  result.echo.extra.__metatable = "x"
  pcall(setmetatable, t, result)
  local u = setmetatable({}, { __index = result.echo, __newindex = result.echo })
  u.size = 12
  pcall(function() u.nothing = 1 end)
end
