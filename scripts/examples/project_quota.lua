-- project_quota.lua: the shares of a project together take no more than its quota.
--
-- What a call wants is counted before the driver is called, so that two calls cannot share what is left. A call that
-- fails gives it back, also when the service is killed in the middle of it. What each share takes is remembered, and for
-- which project: a call that is repeated counts once, also while the first still works, and a share that is deleted, or
-- no longer managed, gives back what was counted for it to whom it was counted for.
--
-- A share that is taken over is counted when the driver says how large it is: it is not refused, but the next one is.
-- One that was there before the hook counts from the next call on that gives it a size; docs/effects.md says how to
-- tell the hook of it before.
--
-- Options: gib, what a project may have (default 10240); projects, quotas of single ones by project id (default none)

for key in pairs(options) do
  if key ~= "gib" and key ~= "projects" then -- a typo would be a rule that is not there
    error(("unknown option %q: want gib and projects"):format(key))
  end
end

---@class project_quota.Record what is remembered of a share
---@field gib number its size, as far as a call has confirmed it
---@field project string for which it counts
---@field calls? table<string, number> what calls under way want, by their ids

---@param record project_quota.Record
---@return number gib that are counted: the most that the share may have, however the calls under way end
local function counted(record)
  local gib = record.gib
  for _, wanted in pairs(record.calls or {}) do
    gib = math.max(gib, wanted)
  end
  return gib
end

---Counts a share anew, for the project that it is in now.
---@param share hookrun.Share
---@param call hookrun.Call
---@param change { gib?: number, wanted?: number } its size from now on; what this call wants, nil for no more
---@return number more GiB than before
---@return number used GiB of its project
local function count(share, call, change)
  local key = "share/" .. share.id
  local old = state.get(key)
  local new = { gib = change.gib or old and old.gib or 0, project = share.project_id, calls = old and old.calls or {} }
  local before = old and counted(old) or 0
  new.calls[call.id] = change.wanted
  if not next(new.calls) then
    new.calls = nil
  end
  if new.project == "" and old then
    new.project = old.project -- the call does not say
  end
  local after = counted(new)
  if after > 0 then
    state.set(key, new)
  elseif old then
    state.delete(key)
  end
  if old and (old.project ~= new.project or after == 0) then
    state.incr("gib/" .. old.project, -before)
    before = 0
  end
  local more = after - before
  return more, more == 0 and 0 or state.incr("gib/" .. new.project, more)
end

---Counts what a call wants.
---@param call hookrun.Call
---@param gib number the size that it asks for
---@return number more GiB than before
local function take(call, gib)
  local share = call.args.share
  local more, used = count(share, call, { wanted = gib })
  local quota = (options.projects or {})[share.project_id] or options.gib or 10240
  if more > 0 and used > quota then -- what a rejected call sets does not count
    local message = ("project %s would have %d GiB, its quota is %d GiB"):format(share.project_id, used, quota)
    reject(message, "quota_exceeded")
  end
  return more
end

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  return take(call, call.args.share.size)
end
---@param call hookrun.call.extend_share
function pre.extend_share(call)
  return take(call, call.args.new_size)
end

---@param call hookrun.call.create_share_instance
function failed.create_share_instance(call)
  count(call.args.share, call, {})
end
---@param call hookrun.call.extend_share
function failed.extend_share(call)
  count(call.args.share, call, {})
end

---Counts the size that a share has now, if the driver has done its work.
---@param call hookrun.Call
---@param outcome hookrun.Outcome
---@param gib? number there when the driver has done its work
local function settle(call, outcome, gib)
  local err = outcome.error
  if not err or outcome.driver_called and err.source == "hook" then -- a post has failed, and not the driver
    count(call.args.share, call, { gib = gib })
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
