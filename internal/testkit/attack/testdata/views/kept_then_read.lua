-- expect: error
-- as: hook
-- calls: 2
local kept
function pre.attack(call)
  if kept then return kept.size end
  kept = call.args
end
