-- expect: contained
-- as: hook
-- calls: 3
local s = ("9"):rep(2.4e5)
local spaces = (" "):rep(2.4e5)
function pre.attack() for i = 1, 160 do tonumber(s) end while true do tonumber(s) tonumber(spaces) tonumber(s, 10) end end
function post.attack() local n = 0 while true do n = n + s end end
