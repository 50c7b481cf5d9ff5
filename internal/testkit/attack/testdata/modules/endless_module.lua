-- expect: killed
return require("endless")
--8<-- lib/endless.lua
while true do end
