-- expect: contained
local T = {}
for i = 1, 200 do local t = {} rawset(t, 1048570, 1) T[i] = t end
return #T
