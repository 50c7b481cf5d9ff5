-- expect: killed
-- uses: luar
local t = {}
while true do t[#t + 1] = host:Many(65535) end
