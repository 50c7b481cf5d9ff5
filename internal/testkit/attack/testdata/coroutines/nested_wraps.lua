-- expect: error|killed
local function f() coroutine.wrap(f)() end
f()
