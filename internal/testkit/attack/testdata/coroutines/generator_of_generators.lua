-- expect: killed
local function gen(n) return coroutine.wrap(function() while true do for v in gen(n + 1) do coroutine.yield(v) end end end) end
while true do pcall(gen(1)) end
