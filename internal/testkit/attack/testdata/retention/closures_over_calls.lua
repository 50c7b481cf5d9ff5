-- expect: killed
-- as: hook
-- calls: 60
local kept
function pre.attack() for i = 1, 2e4 do local before, x = kept, i kept = function() return before, x end end end
