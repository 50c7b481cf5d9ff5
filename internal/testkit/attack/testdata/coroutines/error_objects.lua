-- expect: contained
local loop = setmetatable({}, { __tostring = function() while true do end end })
local co = coroutine.wrap(function() error(loop) end)
pcall(co)
local d = coroutine.create(function() error() end)
coroutine.resume(d) coroutine.resume(d)
return true
