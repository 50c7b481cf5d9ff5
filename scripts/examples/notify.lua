-- notify.lua: an event for each call, when its outcome is decided: share.create_snapshot.completed, …
--
-- The events go to the sinks of the config, a chat or a ticket system, that want their type. An event is sent if and
-- only if the call ended that way, also when the service is killed in the middle of it: its hooks are told then that it
-- was interrupted.
--
-- Options:
--   only_failures  true tells of calls that did not complete, and of no others (default false)

---@param call hookrun.Call
---@param outcome hookrun.Outcome
function finally(call, outcome)
  if options.only_failures and outcome.status == "completed" then
    return
  end
  local err = outcome.error or {}
  events.publish(("share.%s.%s"):format(call.method, outcome.status), {
    request_id = call.context.request_id,
    project_id = call.context.project_id,
    seconds = outcome.duration,
    error = err.message,
    code = err.code,
  })
end
