-- expect: error|killed
local t = setmetatable({}, {})
getmetatable(t).__call = t
return t()
