-- expect: contained | globals named anew in each call
-- as: hook
-- calls: 300
local n = 0
function pre.attack() for i = 1, 200 do n = n + 1 _G["name" .. n] = { n } _G["name" .. n] = nil end end
