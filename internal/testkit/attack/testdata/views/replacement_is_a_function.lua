-- expect: error
-- as: hook
function post.attack() return function() end end
