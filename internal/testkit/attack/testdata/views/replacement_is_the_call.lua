-- expect: error
-- as: hook
function post.attack(call) return call end
