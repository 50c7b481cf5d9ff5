-- expect: contained
local t = {}
for i = 1, 1e5 do t = setmetatable({}, { __index = t }) end
return pcall(function() return t.x end)
