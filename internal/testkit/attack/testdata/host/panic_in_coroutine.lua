-- expect: contained
-- uses: luar
for i = 1, 20 do
  local co = coroutine.create(function() local s = "own" local f = function() return s end host:Boom() return f end)
  coroutine.resume(co) coroutine.resume(co)
  pcall(coroutine.wrap(function() host:NilDeref() end))
end
return true
