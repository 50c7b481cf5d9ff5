-- expect: contained
-- uses: luar
local t = {} for i = 1, 4e5 do t = { t } end
return pcall(host.Take, host, t), pcall(host.TakeMap, host, { a = t }), pcall(host.TakePointer, host, t)
