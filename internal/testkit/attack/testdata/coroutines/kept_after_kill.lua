-- expect: killed
-- as: hook
-- calls: 3
local co
function pre.attack()
  if co then pcall(coroutine.resume, co) end
  co = coroutine.create(function() while true do end end)
  coroutine.resume(co)
end
