-- expect: contained
-- uses: luar
local t = {} t.t = t t[1] = t
return pcall(host.Take, host, t), pcall(host.TakeSlice, host, t), pcall(host.TakeMap, host, t)
