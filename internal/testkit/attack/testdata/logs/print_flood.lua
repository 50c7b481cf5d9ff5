-- expect: killed
local s = ("x"):rep(1e5)
while true do print(s, s, s, s, s, s, s, s) end
