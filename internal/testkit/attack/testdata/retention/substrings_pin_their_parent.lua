-- expect: contained
-- as: hook
-- calls: 30
local kept = {}
function pre.attack() for i = 1, 4 do kept[#kept + 1] = (("x"):rep(4e6) .. #kept):sub(1, 1) end end
