-- audit_log.lua: one line for each call: who asked for what, how it ended, and how long it took.
--
-- It may stand anywhere among the hooks of a service: finally runs when nothing can change the outcome any more.
--
-- Options:
--   level  of the line of a completed call: "debug" or "info" (default "info");
--          a call that did not complete is always a warning

local level = options.level == "debug" and "debug" or "info"

---The id of what a call is about. Its secrets (access keys, driver options) stay out of the log.
---@param args table of any method
---@return string?
local function target(args)
  local record = args.snapshot or args.share or args.share_server
  return record and record.id
end

---@param call hookrun.Call
---@param outcome hookrun.Outcome
function finally(call, outcome)
  local context = call.context
  local fields = {
    method = call.method,
    target = target(call.args),
    request_id = context.request_id,
    user_id = context.user_id,
    project_id = context.project_id,
    outcome = outcome.status,
    seconds = outcome.duration,
  }
  local err = outcome.error
  if err then
    fields.error, fields.code, fields.hook = err.message, err.code, err.hook
    log.warn("audit", fields)
  else
    log[level]("audit", fields)
  end
end
