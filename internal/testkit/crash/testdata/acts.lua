-- acts.lua: keeps books of what calls take, and publishes an event in each phase.
--
-- "order/SHARE" counts the runs that have taken effect for a share: the number of a run is in its event, so that none
-- can be missing, be sent twice or overtake another without notice.
--
-- Options: name, of the hook; broken, whether failed functions fail that are planned to
local me = options.name

local function number(call)
  return state.incr("order/" .. call.args.share.id)
end

local function count(call, what, size)
  state.incr(what .. "/" .. call.args.share.project, size)
end

function pre.change(call)
  local plan, size = call.args.plan[me], call.args.share.size
  if plan == "skip" then return end
  local n = number(call)
  if pause then pause:Yield() end -- others come meanwhile, and want the same state
  count(call, "reserved", size)
  events.publish(me .. ".wait", { call = call.args.number })
  events.publish(me .. ".always", { call = call.args.number, n = n }, { when = "always" })
  if plan == "error" then error("as planned") end
  if plan == "reject" then reject("as planned", "planned") end
  return { took = size }
end

function post.change(call, result)
  if not call.pre then return end
  count(call, "reserved", -call.pre.took)
  count(call, "done", call.pre.took)
  events.publish(me .. ".done", { call = call.args.number, n = number(call), size = result.size })
  if call.args.plan.post == me then error("as planned") end
end

function failed.change(call, err)
  if not call.pre then return end
  count(call, "reserved", -call.pre.took)
  count(call, "undone", call.pre.took)
  events.publish(me .. ".undone", { call = call.args.number, n = number(call), source = err.source, code = err.code })
  if options.broken and call.args.plan.stubborn == me then error("as planned") end
end

function finally.change(call, outcome)
  if call.args.plan[me] == "skip" then return end
  events.publish(me .. ".over", { call = call.args.number, n = number(call), status = outcome.status })
end
