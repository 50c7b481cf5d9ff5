-- expect: contained
local t = {}
for i = 1, 1e4 do t[i] = setmetatable({}, { __gc = function() while true do end end, __mode = "kv" }) end
return true
