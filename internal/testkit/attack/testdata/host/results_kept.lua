-- expect: killed|error
-- uses: luar
local kept = {}
for i = 1, 1e5 do kept[i] = host:Many(60000) end
