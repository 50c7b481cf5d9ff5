-- expect: error|killed
local t = setmetatable({}, {})
getmetatable(t).__tostring = function() return ("%s"):format(t) end
return tostring(t)
