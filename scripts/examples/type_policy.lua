-- type_policy.lua: a project makes shares of the types that it may use.
--
-- Options:
--   types     for all projects (default none: any type)
--   projects  lists of types of single projects, by project id (default none)

for key in pairs(options) do
  if key ~= "types" and key ~= "projects" then -- a typo would be a rule that is not there
    error(("unknown option %q: want types and projects"):format(key))
  end
end

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  local share = call.args.share
  local allowed = (options.projects or {})[share.project_id] or options.types
  if not allowed then
    return
  end
  for _, type in ipairs(allowed) do
    if type == share.share_type then
      return
    end
  end
  reject(("share type %q is not for project %s: %s"):format(share.share_type, share.project_id, table.concat(allowed, ", ")),
    "type_not_allowed")
end
