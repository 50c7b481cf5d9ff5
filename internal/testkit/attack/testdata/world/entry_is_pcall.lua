-- expect: contained
-- as: hook
pre, post, failed, periodic = pcall, xpcall, coroutine.create, setmetatable
