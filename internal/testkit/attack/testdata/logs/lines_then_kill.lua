-- expect: killed | in a coroutine, within a metamethod, with a megabyte of lines on its way
for i = 1, 1e6 do
  local co = coroutine.wrap(function() log.info("line " .. i, { i = i, t = { i } }) coroutine.yield() end)
  co()
end
