-- expect: contained
local t = {} for i = 1, 1e5 do t[i] = i end
for i = 1, 50 do pcall(unpack, t) pcall(unpack, t, 1, 3e4) pcall(select, "#", unpack(t, 1, 1e4)) end
return true
