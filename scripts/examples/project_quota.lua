-- project_quota.lua: the shares of a project together take no more than its quota.
--
-- What a call wants is counted before the driver is called, so that two calls cannot share what is left. A call that fails
-- gives it back, also when the service is killed in the middle of it.
--
-- Options: gib, what a project may have (default 10240); projects, quotas of single ones by project id (default none)

---@param share hookrun.Share
---@param gib number to add to what its project has
local function take(share, gib)
  local quota = (options.projects or {})[share.project_id] or options.gib or 10240
  local used = state.incr("gib/" .. share.project_id, gib)
  if gib > 0 and used > quota then -- what a rejected call adds does not count
    reject(("project %s would have %d GiB, its quota is %d GiB"):format(share.project_id, used, quota), "quota_exceeded")
  end
  return gib
end

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  return take(call.args.share, call.args.share.size)
end
---@param call hookrun.call.extend_share
function pre.extend_share(call)
  return take(call.args.share, call.args.new_size - call.args.share.size)
end
---@param call hookrun.call.shrink_share
function post.shrink_share(call)
  take(call.args.share, call.args.new_size - call.args.share.size)
end
---@param call hookrun.call.delete_share_instance
function post.delete_share_instance(call)
  take(call.args.share, -call.args.share.size)
end

---@param call hookrun.Call
function failed(call)
  return call.pre and take(call.args.share, -call.pre)
end
