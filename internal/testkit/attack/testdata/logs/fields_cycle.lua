-- expect: contained
local t = {}
t.t = t
log.info("m", t)
