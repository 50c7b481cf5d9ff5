-- project_quota.lua: the shares of a project together take no more than its quota.
--
-- What a call wants is counted before the driver is called, so that two calls cannot share what is left. A call that
-- fails gives it back, also when the service is killed in the middle of it. What each share takes is remembered, and
-- for which project: a call that is repeated counts once, also while the first still works, and a share that is
-- deleted, or no longer managed, gives back what was counted for it to whom it was counted for.
--
-- A share that is taken over is counted when the driver says how large it is: it is not refused, but the next one is.
-- One that a call has made in the middle of which the service was killed counts when the service repeats the call, and
-- the driver says that the share exists. One that was there before the hook counts from the next call on that gives it
-- a size; docs/effects.md says how to tell the hook of it before.
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
---@field calls? table<string, number> what calls under way want, by names that no other call has

---@class project_quota.Change
---@field gib? number the size that the share has from now on; nil for that of before
---@field call? string the name of a call that wants something, or wanted something
---@field wanted? number what it wants; nil for no more

---@param record project_quota.Record
---@return number gib that are counted: the most that the share may have, however the calls under way end
local function counted(record)
  local gib = record.gib
  for _, wanted in pairs(record.calls or {}) do
    gib = math.max(gib, wanted)
  end
  return gib
end

---Counts a share anew, for the project that it is in now. What is counted so already is not written again.
---@param share hookrun.Share
---@param change project_quota.Change
---@return number more GiB than before
---@return number used GiB of its project
local function count(share, change)
  local key = "share/" .. share.id
  local old = state.get(key)
  local new = { gib = change.gib or old and old.gib or 0, project = share.project_id, calls = old and old.calls or {} }
  if new.project == "" and old then
    new.project = old.project -- the call does not say
  end
  if old and old.gib == new.gib and old.project == new.project and new.calls[change.call] == change.wanted then
    return 0, 0
  end
  local before = old and counted(old) or 0
  if change.call then
    new.calls[change.call] = change.wanted
  end
  if not next(new.calls) then
    new.calls = nil
  end
  local after = counted(new)
  if after > 0 then
    state.set(key, new)
  elseif old then
    state.delete(key)
  end
  if old and old.project ~= new.project then
    state.incr("gib/" .. old.project, -before)
    before = 0
  end
  local more = after - before
  return more, more == 0 and 0 or state.incr("gib/" .. new.project, more)
end

---Gives back all that is counted for a share that is gone, also for calls whose end was never told.
---@param share hookrun.Share
local function forget(share)
  local key = "share/" .. share.id
  local old = state.get(key)
  if old then
    state.delete(key)
    state.incr("gib/" .. old.project, -counted(old))
  end
end

---Counts what a call wants.
---@param share hookrun.Share
---@param gib number the size that it asks for
---@return string call its name: those of the service begin anew with each process, and what is remembered does not
local function take(share, gib)
  local call = crypto.uuid()
  local more, used = count(share, { call = call, wanted = gib })
  local quota = (options.projects or {})[share.project_id] or options.gib or 10240
  if more > 0 and used > quota then -- what a rejected call sets does not count
    local message = ("project %s would have %d GiB, its quota is %d GiB"):format(share.project_id, used, quota)
    reject(message, "quota_exceeded")
  end
  return call
end

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  return take(call.args.share, call.args.share.size)
end
---@param call hookrun.call.extend_share
function pre.extend_share(call)
  return take(call.args.share, call.args.new_size)
end

---@param share hookrun.Share
---@param call string the name of a call
---@return boolean whether nothing is remembered of a share but what this call wants
local function is_alone(share, call)
  local record = state.get("share/" .. share.id)
  for other in pairs(record and record.calls or {}) do
    if other ~= call then
      return false
    end
  end
  return record ~= nil and record.gib == 0
end

---@param call hookrun.call.create_share_instance
---@param err hookrun.Failure
function failed.create_share_instance(call, err)
  local share = call.args.share
  local there = err.source == "driver" and err.code == "exists" and is_alone(share, call.pre)
  count(share, { call = call.pre, gib = there and share.size or nil })
end
---@param call hookrun.call.extend_share
function failed.extend_share(call)
  count(call.args.share, { call = call.pre })
end

-- The driver has done its work, and the share is what the call says. That is on disk together with the end of the call,
-- so that a service which is killed leaves nothing behind that the call wanted.
---@param call hookrun.call.create_share_instance
function post.create_share_instance(call)
  count(call.args.share, { call = call.pre, gib = call.args.share.size })
end
---@param call hookrun.call.extend_share
function post.extend_share(call)
  count(call.args.share, { call = call.pre, gib = call.args.new_size })
end
---@param call hookrun.call.shrink_share
function post.shrink_share(call)
  count(call.args.share, { gib = call.args.new_size })
end
---@param call hookrun.call.manage_share
---@param result hookrun.result.manage_share
function post.manage_share(call, result)
  count(call.args.share, { gib = result.size })
end
---@param call hookrun.call.delete_share_instance
function post.delete_share_instance(call)
  forget(call.args.share)
end
---@param call hookrun.call.unmanage_share
function post.unmanage_share(call)
  forget(call.args.share)
end

-- Where the post of a hook in front of this one has failed, those above did not run, though the driver has done its
-- work all the same. Where they did, there is nothing left to write.
---@param outcome hookrun.Outcome
---@return boolean
local function worked(outcome)
  local err = outcome.error
  return not err or outcome.driver_called and err.source == "hook"
end

---@param call hookrun.call.create_share_instance
---@param outcome hookrun.outcome.create_share_instance
function finally.create_share_instance(call, outcome)
  if worked(outcome) then
    post.create_share_instance(call)
  end
end
---@param call hookrun.call.extend_share
---@param outcome hookrun.outcome.extend_share
function finally.extend_share(call, outcome)
  if worked(outcome) then
    post.extend_share(call)
  end
end
---@param call hookrun.call.shrink_share
---@param outcome hookrun.outcome.shrink_share
function finally.shrink_share(call, outcome)
  if worked(outcome) then
    post.shrink_share(call)
  end
end
---@param call hookrun.call.manage_share
---@param outcome hookrun.outcome.manage_share
function finally.manage_share(call, outcome)
  if worked(outcome) then
    post.manage_share(call, outcome.result)
  end
end
---@param call hookrun.call.delete_share_instance
---@param outcome hookrun.outcome.delete_share_instance
function finally.delete_share_instance(call, outcome)
  if worked(outcome) then
    post.delete_share_instance(call)
  end
end
---@param call hookrun.call.unmanage_share
---@param outcome hookrun.outcome.unmanage_share
function finally.unmanage_share(call, outcome)
  if worked(outcome) then
    post.unmanage_share(call)
  end
end
