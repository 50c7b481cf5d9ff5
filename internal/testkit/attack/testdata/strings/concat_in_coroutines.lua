-- expect: killed|error
local s = "xxxxxxxx"
while true do coroutine.wrap(function() s = s .. s end)() end
