-- expect: ok
-- as: hook
local mine
function pre.attack(call) mine = call return { call = 1 } end
function post.attack(call, result) assert(not pcall(function() mine.args = nil end)) assert(not pcall(function() call.args = nil end)) end
