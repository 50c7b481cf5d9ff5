-- expect: error
-- as: hook
-- calls: 2
local kept
function pre.attack(call)
  if kept then kept.extra.stolen = true end
  kept = call.args
end
