-- expect: reject
-- as: hook
pre = { [1] = function() end, [{}] = 2, attack = "x" }
