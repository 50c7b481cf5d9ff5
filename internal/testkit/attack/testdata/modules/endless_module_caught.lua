-- expect: killed
while true do pcall(require, "endless") end
--8<-- lib/endless.lua
while true do end
