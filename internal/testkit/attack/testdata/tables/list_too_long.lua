-- expect: error|killed | a list has an end, and says so
local t = {}
while true do t[#t + 1] = true end
