-- expect: killed | each refusal measures all that the script holds
local lists = {}
pcall(function() for i = 1, 400 do local list = {} for k = 1, 1000 do list[k] = {} end lists[i] = list end end)
while true do pcall(string.rep, "x", 6e7) end
