-- expect: killed
return require("bomb")
--8<-- lib/bomb.lua
local t = {}
while true do t[#t + 1] = { #t } end
