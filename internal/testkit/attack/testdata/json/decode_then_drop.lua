-- expect: contained
local text = "[" .. ("{\"a\":[]},"):rep(20000) .. "1]"
for i = 1, 100 do json.decode(text) end
local t = {}
for i = 1, 100 do t[i] = json.decode(text) end
