-- expect: contained
-- as: hook
-- calls: 3
function periodic() periodic = function() while true do end end pre.attack = function() while true do end end end
function pre.attack() end
