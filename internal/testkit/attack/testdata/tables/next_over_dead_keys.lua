-- expect: killed
local t = {}
for i = 1, 1e5 do t["k" .. i] = 1 t["k" .. i] = nil end
while true do next(t) end
