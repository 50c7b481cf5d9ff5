-- expect: contained
-- as: hook
-- calls: 3
local kept
function periodic(shares, tick)
  if kept then assert(not pcall(function() return kept[1].size end)) end
  for _, share in ipairs(shares) do share.size = 1 share.extra.evil = true end
  kept = shares
end
function pre.attack() if kept then assert(not pcall(next, kept)) end end
