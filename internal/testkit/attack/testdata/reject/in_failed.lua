-- expect: error
-- as: hook
-- driver: fails
function failed() reject("too late") end
