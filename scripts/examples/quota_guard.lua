-- quota_guard.lua: no share above a size limit, neither new nor extended.
--
-- Options:
--   max_gib   the largest share, in GiB (default 1024)
--   projects  limits of single projects, in GiB, by project id (default none)
--
-- A refused call ends with the code "quota_exceeded".

for key in pairs(options) do
  if key ~= "max_gib" and key ~= "projects" then -- a typo would be a rule that is not there
    error(("unknown option %q: want max_gib and projects"):format(key))
  end
end
local max_gib = options.max_gib or 1024
local projects = options.projects or {}

---Refuses a size above the limit of the share's project.
---@param share hookrun.Share
---@param size number GiB
---@return number left GiB below the limit
local function check(share, size)
  local limit = projects[share.project_id] or max_gib
  if size > limit then
    reject(("share of %d GiB is larger than %d GiB"):format(size, limit), "quota_exceeded")
  end
  return limit - size
end

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  local share = call.args.share
  return { left_gib = check(share, share.size) }
end

---@param call hookrun.call.extend_share
function pre.extend_share(call)
  return { left_gib = check(call.args.share, call.args.new_size) }
end

-- What pre returned is call.pre here, and nil when pre failed and that was suppressed.
---@param call hookrun.call.create_share_instance
function post.create_share_instance(call)
  if call.pre then
    log.info("share is within its quota", { left_gib = call.pre.left_gib })
  end
end
