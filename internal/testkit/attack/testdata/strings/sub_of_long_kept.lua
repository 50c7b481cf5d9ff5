-- expect: contained
-- as: hook
-- calls: 3
local big = ("x"):rep(2.8e7)
function pre.attack() local t = {} for i = 1, 500 do t[i % 40] = big:sub(i, 1.3e7 + i) end end
function post.attack() local t = {} for i = 1, 40 do t[i] = big:sub(1, 1e7 + i) end end
