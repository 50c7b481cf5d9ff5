-- expect: contained
-- uses: luar
local t = { 1 } for i = 1, 50 do t = { t, t } end
return pcall(host.Take, host, t)
