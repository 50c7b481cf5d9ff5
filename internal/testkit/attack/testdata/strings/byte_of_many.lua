-- expect: killed
local s = ("x"):rep(5000)
while true do s:byte(1, -1) string.char(s:byte(1, -1)) select("#", s:byte(1, 7000)) select(-1, s:byte(1, 7000)) end
