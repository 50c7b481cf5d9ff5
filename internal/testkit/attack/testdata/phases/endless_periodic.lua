-- expect: killed
-- as: hook
function periodic() while true do end end
