-- expect: contained | a result larger than the script's memory, handed on
-- as: hook
local function grow(call, result)
  local s = ("x"):rep(1e6)
  for i = 1, 25 do result.echo.extra["k" .. i] = s .. i end
end
post.attack = grow
--8<-- second
function post.attack(call, result)
  local s = ("y"):rep(1e6)
  for i = 1, 25 do result.echo.extra["m" .. i] = s .. i end
end
--8<-- third
function post.attack(call, result) for i = 1, 25 do result.echo.extra["k" .. i] = result.echo.extra["k" .. i] .. "z" end end
