-- usage_report.lua: now and then, what the shares of each project take, as metrics and as an event; and an event for each
-- share that has become full since the report before.
--
-- Options:
--   warn_percent  how full a share is when the warning comes, in percent of its size (default 80)
--
-- It is a periodic hook: set periodic_every to the number of ticks between two reports. What a share holds is the fact
-- used_bytes in its metadata, which the driver adds for periodic hooks; a share without it is counted by its size only.

local bytes_per_gib = 2 ^ 30
local warn_percent = options.warn_percent or 80

---Tells once that a share is nearly full, until it has room again.
---@param share hookrun.Share
---@param used number bytes
local function tell_if_full(share, used)
  local percent, key = math.floor(100 * used / (share.size * bytes_per_gib)), "full/" .. share.id
  if percent < warn_percent then
    state.delete(key)
  elseif not state.get(key) then
    state.set(key, true, { ttl = 30 * 24 * 3600 }) -- of a share that is deleted, nobody tells
    events.publish("share.full", { project_id = share.project_id, percent = percent }, { subject = share.id })
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
      tell_if_full(share, used)
      total.used_gib = total.used_gib + used / bytes_per_gib
    end
    total.shares = total.shares + 1
    total.size_gib = total.size_gib + share.size
    total.clients = total.clients + #share.access_rules
  end
  table.sort(projects)
  for _, project in ipairs(projects) do
    local total, name = totals[project], project ~= "" and project or "-"
    metrics.gauge("project_size_gib", total.size_gib, { project = name })
    metrics.gauge("project_used_gib", total.used_gib, { project = name })
    events.publish("usage", total, { subject = name })
  end
  log.info("usage report is complete", { shares = #shares, projects = #projects, tick = tick })
end
