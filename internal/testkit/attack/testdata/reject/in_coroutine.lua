-- expect: rejected
-- as: hook
function pre.attack() coroutine.wrap(function() reject("no", "code") end)() end
