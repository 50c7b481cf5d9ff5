-- expect: contained
-- as: hook
-- calls: 3
local walk
function post.attack(call, result)
  walk = walk or coroutine.create(function() for i, v in ipairs(result.echo.items) do coroutine.yield(v) v.name = "later" end end)
  coroutine.resume(walk)
end
