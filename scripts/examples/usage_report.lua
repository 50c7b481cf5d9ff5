-- usage_report.lua: now and then, what the shares of each project take, as metrics and as an event; and an event for
-- each share that has become full since the report before.
--
-- Options:
--   warn_percent  how full a share is when the warning comes, in percent of its size (default 80)
--
-- It is a periodic hook: set periodic_every to the number of ticks between two reports. What a share holds is the fact
-- used_bytes in its metadata, which the driver adds for periodic hooks; a share without it is counted by its size only.
--
-- A run publishes 1000 events at most. Where there is more to tell, warnings come first, and the next report goes on
-- with the projects behind the last one. A hook has 100 series of metrics at most: the first 49 projects have their
-- own, and what all others take together is that of "(others)". Of an id that is very long, or has other characters than
-- those of ASCII, the report has the hash.

local bytes_per_gib = 2 ^ 30
local most_events, most_measured = 1000, 49
local warn_percent = options.warn_percent or 80

---@param project string
---@return string
local function name_of(project)
  return project ~= "" and project or "-"
end

---Returns an id as it may be in a label, a subject and a key. One odd id must not stop the report of all the others.
---@param id string
---@return string
local function plain(id)
  if #id > 200 or id:find("[^ -~]") then
    return "sha256:" .. crypto.hex(crypto.sha256(id))
  end
  return id
end

---Tells once that a share is nearly full, until it has room again.
---@param share hookrun.Share
---@param used number bytes
---@param room number how many events there may be
---@return number events
local function tell_if_full(share, used, room)
  local percent, key = math.floor(100 * used / (share.size * bytes_per_gib)), "full/" .. plain(share.id)
  local told = state.get(key)
  if percent < warn_percent and told then
    state.delete(key)
  elseif percent >= warn_percent and not told and room > 0 then
    state.set(key, true)
    events.publish("share.full", { project_id = plain(share.project_id), percent = percent }, { subject = plain(share.id) })
    return 1
  end
  return 0
end

---Forgets the full shares that are gone.
---@param shares hookrun.Share[]
local function forget(shares)
  local there = {}
  for _, share in ipairs(shares) do
    there["full/" .. plain(share.id)] = true
  end
  for key in state.each("full/") do
    if not there[key] then
      state.delete(key)
    end
  end
end

local measured = {} -- the projects that have metrics of their own: a list, and each of them as a key

---@param project string
---@param size number GiB
---@param used number GiB
local function gauge(project, size, used)
  metrics.gauge("project_size_gib", size, { project = project })
  metrics.gauge("project_used_gib", used, { project = project })
end

---@param projects string[]
---@param totals table<string, table>
local function measure(projects, totals)
  local size, used = 0, 0 -- of all others
  for _, project in ipairs(projects) do
    if not measured[project] and #measured < most_measured then
      table.insert(measured, project)
      measured[project] = true
    elseif not measured[project] then
      size, used = size + totals[project].size_gib, used + totals[project].used_gib
    end
  end
  for _, project in ipairs(measured) do
    local total = totals[project] or { size_gib = 0, used_gib = 0 } -- its shares are gone
    gauge(name_of(project), total.size_gib, total.used_gib)
  end
  if #measured == most_measured then
    gauge("(others)", size, used)
  end
end

---Tells of the projects behind the last one of the report before, as far as there is room.
---@param projects string[]
---@param totals table<string, table>
---@param room number how many events there may be
---@return boolean all
local function tell(projects, totals, room)
  local last, first, n = state.get("last"), 1, math.min(#projects, room)
  while last and first <= #projects and projects[first] <= last do
    first = first + 1
  end
  for i = first, first + n - 1 do
    last = projects[(i - 1) % #projects + 1]
    events.publish("usage", totals[last], { subject = name_of(last) })
  end
  if n == #projects then
    state.delete("last")
  elseif last then
    state.set("last", last)
  end
  return n == #projects
end

---@param shares hookrun.Share[]
---@param tick integer
function periodic(shares, tick)
  local totals, projects, room = {}, {}, most_events
  for _, share in ipairs(shares) do
    local project = plain(share.project_id)
    local total = totals[project]
    if not total then
      total = { project_id = project, shares = 0, size_gib = 0, used_gib = 0, clients = 0 }
      totals[project] = total
      table.insert(projects, project)
    end
    local used = share.metadata.used_bytes
    if type(used) == "number" and used >= 0 and share.size > 0 then
      room = room - tell_if_full(share, used, room)
      total.used_gib = total.used_gib + used / bytes_per_gib
    end
    total.shares = total.shares + 1
    total.size_gib = total.size_gib + share.size
    total.clients = total.clients + #share.access_rules
  end
  table.sort(projects)
  forget(shares)
  measure(projects, totals)
  local all = tell(projects, totals, room)
  log.info(all and "usage report is complete" or "usage report goes on with the next one",
    { shares = #shares, projects = #projects, tick = tick })
end
