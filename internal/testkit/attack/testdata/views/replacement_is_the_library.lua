-- expect: error
-- as: hook
function post.attack() return _G end
