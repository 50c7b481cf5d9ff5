-- expect: contained
-- as: hook
pre = { attack = print, probe = nil } post = { attack = pcall } failed = error periodic = coroutine.wrap(function() while true do coroutine.yield() end end)
