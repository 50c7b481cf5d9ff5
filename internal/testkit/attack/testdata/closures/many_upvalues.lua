-- expect: contained
local t = {}
for i = 1, 1e4 do local a, b, c, d, e, f = i, i, i, i, i, i t[i] = function() a, b, c, d, e, f = b, c, d, e, f, a return a end end
local n = 0
for i = 1, 1e4 do n = n + t[i]() end
return true
