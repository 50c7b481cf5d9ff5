-- expect: error
local t = {}
t.t = t
log.info("m", t)
