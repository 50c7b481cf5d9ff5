-- expect: contained
for i = 1, 2000 do
  local co = coroutine.wrap(function(...) local big = ("x"):rep(1e6) .. i coroutine.yield(...) return #big end)
  co(i, ("y"):rep(1000))
end
