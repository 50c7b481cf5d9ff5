-- expect: contained
local co = coroutine.create(function(...) while true do coroutine.yield(...) end end)
for i = 1, 100 do coroutine.resume(co, unpack({}, 1, 7000)) end
return true
