-- expect: killed | less than a look of the meter in every call
-- as: hook
-- calls: 400
local kept = {}
function pre.attack() kept[#kept + 1] = ("x"):rep(5e5) .. #kept end
