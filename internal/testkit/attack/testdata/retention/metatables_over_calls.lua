-- expect: killed
-- as: hook
-- calls: 60
local kept = {}
function pre.attack() for i = 1, 1e4 do kept = setmetatable({}, { __index = kept }) end end
