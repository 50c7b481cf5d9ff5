-- expect: reject
-- as: hook
pcall(reject, "at load")
