-- expect: contained
local function h(e) return xpcall(error, h) end
xpcall(error, h)
return true
