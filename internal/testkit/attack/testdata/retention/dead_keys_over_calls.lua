-- expect: ok | killed | where its time is over
-- as: hook
-- calls: 80
local t, n = {}, 0
function pre.attack() for i = 1, 2e4 do n = n + 1 t["k" .. n] = 1 t["k" .. n] = nil end end
