-- expect: error
-- as: hook
function post.attack() return coroutine.create(function() end) end
