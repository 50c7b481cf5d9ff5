-- expect: contained
-- as: hook
-- calls: 3
function post.attack(call, result)
  local m = require("keeps")
  pcall(m.last)
  m.last = function() return result.echo.size end
end
--8<-- lib/keeps.lua
return { last = function() end }
