-- project_quota.lua: the shares of a project together take no more than its quota.
--
-- What a call wants is counted before the driver is called, so that two calls cannot share what is left. A call that
-- fails gives it back, also when the service is killed in the middle of it. What each share takes is remembered: a call
-- that is repeated counts once, and a share that is deleted, or no longer managed, gives back what was counted for it.
--
-- A share that is taken over is counted when the driver says how large it is: it is not refused, but the next one is.
-- One that was there before the hook counts from the next call on that gives it a size; docs/effects.md says how to
-- tell the hook of it before.
--
-- Options: gib, what a project may have (default 10240); projects, quotas of single ones by project id (default none)

---@param share hookrun.Share
---@return number gib that are counted for it
local function counted(share)
  return state.get("share/" .. share.id, 0)
end

---Counts a share with another size than before.
---@param share hookrun.Share
---@param gib number
---@return number used GiB of its project
local function count(share, gib)
  local change = gib - counted(share)
  if gib > 0 then
    state.set("share/" .. share.id, gib)
  else
    state.delete("share/" .. share.id)
  end
  return state.incr("gib/" .. share.project_id, change)
end

---Counts what a call wants.
---@param share hookrun.Share
---@param gib number the size that it asks for
---@return number? more GiB than before; nil for none
local function take(share, gib)
  local more = gib - counted(share)
  if more <= 0 then
    return
  end
  local quota = (options.projects or {})[share.project_id] or options.gib or 10240
  local used = count(share, gib)
  if used > quota then -- what a rejected call sets does not count
    local message = ("project %s would have %d GiB, its quota is %d GiB"):format(share.project_id, used, quota)
    reject(message, "quota_exceeded")
  end
  return more
end

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  return take(call.args.share, call.args.share.size)
end
---@param call hookrun.call.extend_share
function pre.extend_share(call)
  return take(call.args.share, call.args.new_size)
end

---@param call hookrun.Call
function failed(call)
  if call.pre then
    count(call.args.share, math.max(0, counted(call.args.share) - call.pre))
  end
end

---Counts the size that a share has now, if the driver has done its work.
---@param call hookrun.Call
---@param outcome hookrun.Outcome
---@param gib? number there when the driver has done its work
local function settle(call, outcome, gib)
  local err, share = outcome.error, call.args.share
  local done = not err or outcome.driver_called and err.source == "hook" -- a post has failed, and not the driver
  if done and gib ~= counted(share) then
    count(share, gib)
  end
end

---@param call hookrun.call.create_share_instance
---@param outcome hookrun.outcome.create_share_instance
function finally.create_share_instance(call, outcome)
  settle(call, outcome, call.args.share.size)
end
---@param call hookrun.call.extend_share
---@param outcome hookrun.outcome.extend_share
function finally.extend_share(call, outcome)
  settle(call, outcome, call.args.new_size)
end
---@param call hookrun.call.shrink_share
---@param outcome hookrun.outcome.shrink_share
function finally.shrink_share(call, outcome)
  settle(call, outcome, call.args.new_size)
end
---@param call hookrun.call.manage_share
---@param outcome hookrun.outcome.manage_share
function finally.manage_share(call, outcome)
  settle(call, outcome, outcome.result and outcome.result.size)
end
---@param call hookrun.call.delete_share_instance
---@param outcome hookrun.outcome.delete_share_instance
function finally.delete_share_instance(call, outcome)
  settle(call, outcome, 0)
end
---@param call hookrun.call.unmanage_share
---@param outcome hookrun.outcome.unmanage_share
function finally.unmanage_share(call, outcome)
  settle(call, outcome, 0)
end
