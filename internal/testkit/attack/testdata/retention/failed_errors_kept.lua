-- expect: contained
-- as: hook
-- calls: 30
local kept = {}
function pre.attack() local ok, e = pcall(error, { ("x"):rep(1e6) }) kept[#kept + 1] = e error(e) end
