-- expect: contained | the loading again is not free: it is the call's own time
-- as: hook
-- calls: 8
local kept, n = {}, 0
while n < 1.3e6 do n = n + 1 end
function pre.attack() for i = 1, 38 do kept[i] = ("x"):rep(1e6) .. i end local n = 0 while n < 1.3e6 do n = n + 1 end end
function post.attack() for i = 1, 38 do kept[i] = ("x"):rep(1e6) .. i end local n = 0 while n < 1.3e6 do n = n + 1 end end
