-- expect: true
pcall(setmetatable, _G, { __index = function(_, k) return "EVIL" end, __newindex = function() end })
--8<-- victim
return no_such_global == nil and getmetatable(_G) == nil
