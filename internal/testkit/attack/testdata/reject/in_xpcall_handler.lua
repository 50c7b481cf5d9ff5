-- expect: rejected
-- as: hook
function pre.attack() xpcall(error, function() reject("handled") end) end
