-- expect: contained
-- as: hook
-- calls: 8
local kept, began = {}, os.clock()
if options.list[1] == 1 and math.random(2) == 1 then while os.clock() - began < 0.15 do end end
function pre.attack() for i = 1, 38 do kept[i] = ("x"):rep(1e6) .. i end end
function post.attack() while true do end end
