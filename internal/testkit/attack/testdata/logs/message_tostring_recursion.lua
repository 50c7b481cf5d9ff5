-- expect: contained
local t = setmetatable({}, {})
getmetatable(t).__tostring = function() print(t) return "x" end
print(t)
