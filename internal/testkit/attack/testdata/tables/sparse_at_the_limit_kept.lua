-- expect: contained | one array a call, in few instructions
-- as: hook
-- calls: 40
local kept = {}
function pre.attack() kept[#kept + 1] = {} kept[#kept][524286] = 1 end
