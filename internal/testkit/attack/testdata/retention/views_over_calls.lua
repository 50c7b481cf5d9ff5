-- expect: contained
-- as: hook
-- calls: 100
local kept = {}
function pre.attack(call) kept[#kept + 1] = call kept[#kept + 1] = call.args kept[#kept + 1] = call.args.items[1] end
function post.attack(call, result) kept[#kept + 1] = result.echo end
