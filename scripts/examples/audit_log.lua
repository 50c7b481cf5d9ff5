-- audit_log.lua: one line for each call: who asked for what, and how it ended.
--
-- List it first among the hooks of a service: it then also sees the calls that a later hook refuses.
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
local function line(call)
  local context = call.context
  return {
    method = call.method,
    target = target(call.args),
    request_id = context.request_id,
    user_id = context.user_id,
    project_id = context.project_id,
    seconds = call.pre and os.time() - call.pre.began_at,
  }
end

---@param call hookrun.Call
function pre(call)
  log.debug("call begins", { method = call.method })
  return { began_at = os.time() }
end

---@param call hookrun.Call
function post(call)
  local fields = line(call)
  fields.outcome = "completed"
  log[level]("audit", fields)
end

---@param call hookrun.Call
---@param err hookrun.Failure
function failed(call, err)
  local fields = line(call)
  fields.outcome = err.source == "hook" and "refused" or "failed"
  fields.error, fields.code, fields.hook = err.message, err.code, err.hook
  log.warn("audit", fields)
end
