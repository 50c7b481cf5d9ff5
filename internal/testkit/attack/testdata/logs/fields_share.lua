-- expect: contained|killed
local t = { a = 1 }
for i = 1, 50 do t = { a = t, b = t } end
log.info("m", t)
