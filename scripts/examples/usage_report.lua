-- usage_report.lua: now and then, a line for each project with what its shares take, and a warning for each full share.
--
-- Options:
--   warn_percent  how full a share is when the warning comes, in percent of its size (default 80)
--
-- It is a periodic hook: set periodic_every to the number of ticks between two reports. What a share holds is the fact
-- used_bytes in its metadata, which the driver adds for periodic hooks; a share without it is counted by its size only.

local bytes_per_gib = 2 ^ 30
local warn_percent = options.warn_percent or 80

---@param share hookrun.Share
---@param used number bytes
local function warn_if_full(share, used)
  local percent = math.floor(100 * used / (share.size * bytes_per_gib))
  if percent >= warn_percent then
    log.warn("share is nearly full", { share = share.id, project_id = share.project_id, percent = percent })
  end
end

---@param shares hookrun.Share[]
---@param tick integer
function periodic(shares, tick)
  local totals, projects = {}, {}
  for _, share in ipairs(shares) do
    local project = share.project_id
    local total = totals[project]
    if not total then
      total = { project_id = project, shares = 0, size_gib = 0, used_gib = 0, clients = 0 }
      totals[project] = total
      table.insert(projects, project)
    end
    local used = share.metadata.used_bytes
    if type(used) == "number" and share.size > 0 then
      warn_if_full(share, used)
      total.used_gib = total.used_gib + used / bytes_per_gib
    end
    total.shares = total.shares + 1
    total.size_gib = total.size_gib + share.size
    total.clients = total.clients + #share.access_rules
  end
  table.sort(projects)
  for _, project in ipairs(projects) do
    log.info("usage", totals[project])
  end
  log.info("usage report is complete", { shares = #shares, projects = #projects, tick = tick })
end
