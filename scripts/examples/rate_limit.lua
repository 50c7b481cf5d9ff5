-- rate_limit.lua: a project makes so many calls in each minute of the clock, and no more.
--
-- Options:
--   calls    in a window (default 60); where two windows meet there may be twice as many within its length
--   seconds  that a window lasts (default 60)
--
-- A refused call ends with the code "rate_limited", and does not count. Calls of no project, which the service makes
-- itself, are not limited.

for key in pairs(options) do
  if key ~= "calls" and key ~= "seconds" then -- a typo would be a rule that is not there
    error(("unknown option %q: want calls and seconds"):format(key))
  end
end
local calls, seconds = options.calls or 60, options.seconds or 60

---@param call hookrun.Call
function pre(call)
  local project = call.context.project_id
  if not project then
    return
  end
  local window = math.floor(time.now() / seconds)
  local key = ("%s/%d"):format(project, window)
  local n = state.get(key, 0) + 1
  if n > calls then
    local wait = (window + 1) * seconds - time.now()
    reject(("more than %d calls in %d s: try again in %d s"):format(calls, seconds, math.ceil(wait)), "rate_limited")
  end
  state.set(key, n, { ttl = 2 * seconds })
end
