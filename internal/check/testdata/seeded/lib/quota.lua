-- quota.lua: limits by project.
local M = {}

---@param limits table<string, number>
function M.limit(limits, project)
  return limits[project] or limits.default
end

return M
