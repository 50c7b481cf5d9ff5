-- expect: contained
-- as: hook
-- calls: 400
-- One view of a list keeps all that were made with it, whoever read them.
function pre(call) for _, item in ipairs(call.args.items) do local m = item.meta end end
--8<-- keeps
kept = {}
function pre(call) kept[#kept + 1] = call.args.items[#kept % 100 + 1] end
