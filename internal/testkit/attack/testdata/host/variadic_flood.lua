-- expect: contained
-- uses: luar
local t = {} for i = 1, 2e4 do t[i] = i end
for i = 1, 100 do pcall(host.Sum, host, unpack(t)) end
return true
