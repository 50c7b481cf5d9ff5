-- expect: error|killed|contained
local function f() pcall(coroutine.wrap(function() f() end)) end
f()
