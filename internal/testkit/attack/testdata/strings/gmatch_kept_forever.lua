-- expect: killed
local its = {}
while true do its[#its + 1] = (("x"):rep(1e5) .. #its):gmatch(".") end
