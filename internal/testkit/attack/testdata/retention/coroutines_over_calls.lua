-- expect: killed
-- as: hook
-- calls: 80
local kept = {}
function pre.attack() for i = 1, 100 do local co = coroutine.create(function() coroutine.yield() end) coroutine.resume(co) kept[#kept + 1] = co end end
