-- expect: true
local a = json.decode("[]")
pcall(function() getmetatable(a).__index = function() return "EVIL" end end)
pcall(function() getmetatable(a).__jsontype = function() return "EVIL" end end)
--8<-- victim
return json.decode("[]").x == nil and json.encode(json.decode("[]")) == "[]"
