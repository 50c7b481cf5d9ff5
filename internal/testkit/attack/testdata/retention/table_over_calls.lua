-- expect: killed | what a hook keeps is counted over its calls
-- as: hook
-- calls: 60
local kept = {}
function pre.attack() for i = 1, 2e4 do kept[#kept + 1] = { i, "x" .. i } end end
