-- expect: error|killed | 2^50 values as one small table
local t = { 1 }
for i = 1, 50 do t = { t, t } end
return #json.encode(t)
