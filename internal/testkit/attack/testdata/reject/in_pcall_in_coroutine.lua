-- expect: rejected
-- as: hook
function pre.attack()
  local co = coroutine.create(function() pcall(pcall, reject, "no") while true do coroutine.yield() end end)
  while true do coroutine.resume(co) end
end
