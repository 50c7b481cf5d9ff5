-- expect: contained
-- as: hook
-- calls: 3
local t = {}
for i = 1, 90000 do t["k" .. i] = true end
for i = 1, 90000 do t["k" .. i] = nil end
function pre.attack() while true do next(t) end end
function post.attack() for i = 1, 500 do next(t) end end
