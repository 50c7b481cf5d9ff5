-- expect: ok
-- as: hook
function pre.attack() pre = nil post = nil failed = nil _G.periodic = nil end
function post.attack(call, result) assert(result) end
