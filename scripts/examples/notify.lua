-- notify.lua: an event for each call, when its outcome is decided: share.create_snapshot.completed, …
--
-- The events go to the sinks of the config, a chat or a ticket system, that want their type. The caller has no answer
-- before the event is on disk. A call in which the service is killed is told of when it starts again, as failed with
-- the code "interrupted", if the pre of some hook had an effect in it: only then is the call itself on disk. A service
-- that is killed between the end of a call and its event never tells of it. Where none may be missing, see
-- audit_log.lua.
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
