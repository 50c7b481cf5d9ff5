-- expect: killed
local s, t = ("x"):rep(1e6), {}
while true do t[#t + 1] = s:sub(2, -2) .. #t end
