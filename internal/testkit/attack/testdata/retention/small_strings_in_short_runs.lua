-- expect: contained
-- as: hook
-- calls: 300
local kept = {}
function pre.attack(call) for i = 1, 30 do kept[#kept + 1] = call.id .. ("x"):rep(7000) end end
