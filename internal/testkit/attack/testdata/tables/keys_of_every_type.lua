-- expect: contained
local t = {}
for i = 1, 1e4 do t[i + 0.5] = i t[{}] = i t[function() end] = i t[tostring(i)] = i end
for k in pairs(t) do t[k] = nil end
return next(t) == nil
