-- expect: killed
-- as: hook
-- calls: 60
local kept = {}
function pre.attack() kept[#kept + 1] = ("x"):rep(4e6) .. #kept end
