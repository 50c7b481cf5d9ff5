-- freeze_window.lua: no changes during maintenance.
--
-- Options:
--   zone     of the times below, a name such as "Europe/Berlin" (default "UTC")
--   windows  list of { days = "fri sat", from = "22:00", to = "06:00" }: a window that ends before it begins ends on the
--            next day, and belongs to the day on which it begins; without days it is every day
--
-- A refused call ends with the code "frozen". Administrators are not refused, nor is what the service asks for itself.

local zone = options.zone or "UTC"
local own = { init_host = true, publish_service_capabilities = true } -- refused, they would take the back end away
local days = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" }

---@param clock string "22:00"
---@return number minutes since midnight
local function minutes(clock)
  local hour, minute = clock:match("^(%d%d?):(%d%d)$")
  return assert(tonumber(hour), clock .. " is no time such as 22:00") * 60 + tonumber(minute)
end

---@param window table
---@param t number seconds
local function covers(window, t)
  local from, to, now = minutes(window.from), minutes(window.to), time.date(t, zone)
  local minute, day = now.hour * 60 + now.min, days[now.wday]
  if to <= from and minute < to then
    minute, day = minute + 24 * 60, days[(now.wday + 5) % 7 + 1]
  end
  local last = to <= from and to + 24 * 60 or to
  return (window.days or day):find(day, 1, true) and from <= minute and minute < last
end

---@param call hookrun.Call
function pre(call)
  for _, window in ipairs(options.windows or {}) do
    if not (call.context.is_admin or own[call.method]) and covers(window, time.now()) then
      reject(("no changes from %s to %s, %s"):format(window.from, window.to, zone), "frozen")
    end
  end
end
