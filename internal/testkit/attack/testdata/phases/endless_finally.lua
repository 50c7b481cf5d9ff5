-- expect: killed
-- as: hook
function finally() pcall(function() while true do end end) end
