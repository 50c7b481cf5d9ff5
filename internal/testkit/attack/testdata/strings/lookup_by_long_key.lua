-- expect: killed
local k, t = ("x"):rep(8e6), {}
t[k .. ""] = 1
while true do local _ = t[k] end
