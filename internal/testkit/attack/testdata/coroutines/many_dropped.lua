-- expect: killed
while true do coroutine.resume(coroutine.create(function() coroutine.yield() end)) end
