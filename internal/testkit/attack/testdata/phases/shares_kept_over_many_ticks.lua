-- expect: contained
-- as: hook
-- calls: 60
local kept = {}
function periodic(shares) for i, share in ipairs(shares) do kept[#kept + 1] = share kept[#kept + 1] = share.items kept[#kept + 1] = share.items[1] end end
