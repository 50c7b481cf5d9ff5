-- audit_log.lua: an event for each call: who asked for what, how it ended, and how long it took.
--
-- A sink of type "file" for events of type "audit" keeps them as lines. No call is missing there, whatever becomes of the
-- service: the caller has no answer before the event is on disk. The hook may stand anywhere among those of a service:
-- finally runs when nothing can change the outcome any more.
--
-- Options:
--   only_changes  true leaves out what changes nothing: publish_service_capabilities and init_host (default true)

local reads = { publish_service_capabilities = true, init_host = true }

---The id of what a call is about. Its secrets (access keys, driver options) stay out of the trail.
---@param args table of any method
---@return string?
local function target(args)
  local record = args.snapshot or args.share or args.share_server
  return record and record.id
end

---@param call hookrun.Call
---@param outcome hookrun.Outcome
function finally(call, outcome)
  if options.only_changes ~= false and reads[call.method] then
    return
  end
  local context, err = call.context, outcome.error or {}
  events.publish("audit", {
    method = call.method,
    target = target(call.args),
    request_id = context.request_id,
    user_id = context.user_id,
    project_id = context.project_id,
    outcome = outcome.status,
    seconds = outcome.duration,
    error = err.message,
    code = err.code,
    hook = err.hook,
  })
end
