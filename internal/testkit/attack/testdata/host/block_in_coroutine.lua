-- expect: contained
-- uses: luar
coroutine.wrap(function() host:Block() end)()
