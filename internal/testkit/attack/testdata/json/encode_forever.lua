-- expect: killed
local t = {}
for i = 1, 1000 do t[i] = { name = "x" .. i, list = { i, i } } end
while true do json.encode(t) end
