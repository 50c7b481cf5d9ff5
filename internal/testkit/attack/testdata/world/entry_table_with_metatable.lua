-- expect: contained
-- as: hook
pre = setmetatable({}, { __index = function() while true do end end, __metatable = false })
post = setmetatable({}, { __call = function() while true do end end })
