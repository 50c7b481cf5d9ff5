-- expect: contained
-- uses: luar
local t = { ("x"):rep(1e5) }
for i = 1, 19 do t = { t, t } end
for i = 1, 20 do pcall(host.Take, host, t) end
local wide = {}
for i = 1, 100000 do wide[i] = t[1] end
for i = 1, 20 do pcall(host.Take, host, wide) pcall(host.TakeSlice, host, wide) end
