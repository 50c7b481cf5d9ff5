-- expect: error
-- as: hook
function pre.attack(call) error(call.args) end
