-- expect: killed|contained
local t = {}
for i = 1, 1e6 do t[i] = 1 end
for i = 1e6, 2, -1 do t[i] = nil end
local n = 0
for i = 1, 1e6 do n = n + #t end
return n
