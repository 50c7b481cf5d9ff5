-- expect: contained
local t = {}
setmetatable(t, t)
t.__index, t.__newindex, t.__call, t.__tostring, t.__concat, t.__eq, t.__lt, t.__metatable = t, t, t, t, t, t, t, t
return pcall(function() return t.x end), pcall(function() t.x = 1 end), pcall(t), pcall(tostring, t), pcall(function() return t .. t end), pcall(setmetatable, t, nil)
