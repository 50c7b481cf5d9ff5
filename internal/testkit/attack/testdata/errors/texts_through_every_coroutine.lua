-- expect: error | each adds its place to the text; what comes out is short
local f = function() error(("x"):rep(1e6)) end
for i = 1, 99 do local inner = f f = function() coroutine.wrap(inner)() end end
f()
