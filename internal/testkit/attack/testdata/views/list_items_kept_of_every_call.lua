-- expect: contained
-- as: hook
-- calls: 100
local kept = {}
function pre.attack(call) kept[#kept + 1] = call.args.items[50] kept[#kept + 1] = call.args.words kept[#kept + 1] = call.context end
function post.attack(call, result) kept[#kept + 1] = result.echo.items[1].meta kept[#kept + 1] = ipairs(result.echo.items) end
