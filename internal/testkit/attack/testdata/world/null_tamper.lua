-- expect: true
pcall(function() null.x = 1 end)
pcall(rawset, null, "x", 1)
pcall(setmetatable, null, { __eq = function() return true end, __index = function() return "EVIL" end })
pcall(function() getmetatable(null).__tostring = function() return "EVIL" end end)
--8<-- victim
return not pcall(function() return null.x.y end) and json.encode({ null }) == "[null]" and null == null and null ~= false
