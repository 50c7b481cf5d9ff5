-- expect: contained
local co = coroutine.wrap(function() while true do coroutine.yield(unpack({}, 1, 7000)) end end)
for i = 1, 100 do pcall(co) end
return true
