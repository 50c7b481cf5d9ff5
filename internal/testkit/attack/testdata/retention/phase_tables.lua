-- expect: killed
-- as: hook
-- calls: 60
function pre.attack() for i = 1, 2e4 do post["m" .. #pre .. i .. tostring({})] = function() end end end
