-- expect: killed
-- as: hook
-- driver: fails
function pre.attack() pcall(function() while true do end end) end
function failed() while true do end end
function periodic() while true do end end
