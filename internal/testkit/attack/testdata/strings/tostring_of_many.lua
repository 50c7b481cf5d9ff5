-- expect: killed
local t = {}
while true do t[#t + 1] = tostring({}) .. tostring(#t) end
