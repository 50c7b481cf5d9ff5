-- expect: reject
-- as: hook
pre = 42
