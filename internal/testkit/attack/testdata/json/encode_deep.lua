-- expect: error|killed
local t = {}
for i = 1, 4e5 do t = { t } end
return json.encode(t)
