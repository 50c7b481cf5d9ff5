-- expect: killed
local s = ("x"):rep(1e7)
while true do pcall(function() s = s .. s .. s .. s end) end
