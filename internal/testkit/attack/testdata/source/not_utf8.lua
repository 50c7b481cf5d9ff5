-- expect: reject
-- as: hook
local x = "ÿ" € = 1
