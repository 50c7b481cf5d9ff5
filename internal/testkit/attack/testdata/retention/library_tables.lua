-- expect: killed
-- as: hook
-- calls: 60
local n = 0
function pre.attack() for i = 1, 2e4 do n = n + 1 string["s" .. n] = { n } end end
