-- expect: contained
-- as: hook
-- calls: 6
local lists = {}
for i = 1, 200 do local list = {} for k = 1, 1000 do list[k] = {} end lists[i] = list end
function pre.attack() while true do pcall(string.rep, "x", 6e7) end end
function post.attack() while true do pcall(json.decode, ("["):rep(100)) pcall(string.rep, "x", 6e7) end end
