-- expect: killed
local s = ("x"):rep(5000)
while true do local _ = select("#", s:byte(1, -1)) end
