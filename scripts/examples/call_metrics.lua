-- call_metrics.lua: how many calls there are, how they end, and how long they take, for the service's metrics.
--
-- A hook has 100 series of metrics at most, which is enough for 16 methods.

---@param call hookrun.Call
---@param outcome hookrun.Outcome
function finally(call, outcome)
  local labels = { method = call.method, status = outcome.status }
  metrics.count("share_calls", 1, labels)
  metrics.observe("share_call_seconds", outcome.duration, labels)
end
