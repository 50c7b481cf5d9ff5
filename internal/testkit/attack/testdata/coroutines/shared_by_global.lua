-- expect: true
co = coroutine.create(function() while true do coroutine.yield() end end)
coroutine.resume(co)
--8<-- victim
return co == nil and coroutine.running() == nil
