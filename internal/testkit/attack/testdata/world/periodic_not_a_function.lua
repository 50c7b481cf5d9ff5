-- expect: reject
-- as: hook
periodic = {}
