-- expect: killed
-- as: hook
-- driver: fails
function failed() while true do end end
