-- audit_log.lua: an event when a call begins, and one when it has ended: who asked for what, how it ended, and how long
-- it took.
--
-- A sink of type "file" for events of type "audit" keeps them as lines. The first, with the outcome "begun", is on disk
-- before the driver is called, and the second before the caller has an answer: no call whose driver ran is missing,
-- whatever becomes of the service. A call in which it is killed has ended as failed, with the code "interrupted", when
-- it starts again. Only if it is killed between the end of a call and the second event, there is the first alone. The
-- second has the id of the first as begun: hookcall, which both have, begins anew with each start of the service.
--
-- The hook may stand anywhere among those of a service: finally runs when nothing can change the outcome any more. A
-- call that a hook in front of it refuses has the second event only.
--
-- Options:
--   only_changes  true leaves out what changes nothing: publish_service_capabilities and init_host (default true)

local reads = { publish_service_capabilities = true, init_host = true }

---The id of what a call is about. Its secrets (access keys, driver options) stay out of the trail.
---@param args any of any method
---@return string?
local function target(args)
  local record = type(args) == "table" and (args.share or args.snapshot or args.share_server)
  return type(record) == "table" and record.id or nil
end

---@param call hookrun.Call
---@param status string
---@param seconds? number that it took
---@param err? hookrun.Failure
---@return string? id of the event
local function tell(call, status, seconds, err)
  if options.only_changes ~= false and reads[call.method] then
    return
  end
  local context = call.context
  err = err or {}
  return events.publish("audit", {
    begun = call.pre,
    method = call.method,
    target = target(call.args),
    request_id = context.request_id,
    user_id = context.user_id,
    project_id = context.project_id,
    outcome = status,
    seconds = seconds,
    error = err.message,
    code = err.code,
    hook = err.hook,
  }, { when = "always" })
end

---@param call hookrun.Call
function pre(call)
  return tell(call, "begun")
end

---@param call hookrun.Call
---@param outcome hookrun.Outcome
function finally(call, outcome)
  tell(call, outcome.status, outcome.duration, outcome.error)
end
