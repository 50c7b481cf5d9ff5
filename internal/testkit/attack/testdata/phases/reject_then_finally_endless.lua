-- expect: rejected
-- as: hook
function pre.attack() reject("no") end
function finally() while true do end end
