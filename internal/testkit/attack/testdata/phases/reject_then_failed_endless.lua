-- expect: rejected|killed
-- as: hook
function pre.attack() end
function failed() while true do end end
--8<-- second
function pre.attack() reject("now") end
