-- expect: contained
local outer
outer = coroutine.create(function()
  local inner = coroutine.create(function()
    assert(not coroutine.resume(outer)) assert(not coroutine.resume(coroutine.running()))
    coroutine.wrap(function() assert(not coroutine.resume(outer)) end)()
  end)
  assert(coroutine.resume(inner))
end)
assert(coroutine.resume(outer))
return true
