-- expect: killed
local s = ("x"):rep(1e6)
while true do log.warn(s) end
