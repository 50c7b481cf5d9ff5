-- expect: killed
-- as: hook
function pre.attack() while true do end end
function post.attack(call) assert(call.pre == nil and call.pre_error) end
