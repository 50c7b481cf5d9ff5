-- expect: contained
local all = {}
for i = 1, 3000 do
  local co = coroutine.create(function(...) local t = { ... } coroutine.yield(unpack(t)) end)
  coroutine.resume(co, unpack({}, 1, 6000))
  all[i] = co
end
