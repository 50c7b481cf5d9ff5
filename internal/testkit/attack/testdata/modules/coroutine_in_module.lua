-- expect: contained
return coroutine.wrap(function() return require("yields") end)()
--8<-- lib/yields.lua
coroutine.yield(1)
return 2
