-- expect: killed
local text = "[" .. ("1,"):rep(1e4) .. "1]"
while true do json.decode(text) end
