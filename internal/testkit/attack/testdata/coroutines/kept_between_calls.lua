-- expect: ok
-- as: hook
-- calls: 20
local co = coroutine.create(function(n) while true do n = coroutine.yield(n + 1) end end)
function pre.attack() local ok, n = coroutine.resume(co, 1) assert(ok and n == 2) end
