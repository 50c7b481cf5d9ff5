-- expect: contained
-- as: hook
function pre.attack() error(setmetatable({}, { __tostring = function() reject("never") end })) end
