-- expect: killed
while true do pcall(require, "failing") end
--8<-- lib/failing.lua
error("no")
