-- freeze_window.lua: no changes during maintenance.
--
-- Options:
--   zone     of the times below, a name such as "Europe/Berlin" (default "UTC")
--   windows  list of { days = "fri sat", from = "22:00", to = "06:00" }: a window that ends before it begins ends on
--            the next day, and belongs to the day on which it begins; without days it is every day
--
-- Options that cannot be read stop the script from loading: a typo must not open the door.
--
-- A refused call ends with the code "frozen". Administrators are not refused, nor is what the service asks for itself.

local zone = options.zone or "UTC"
time.date(0, zone) -- an error for a name that is none

local own = { init_host = true, publish_service_capabilities = true } -- refused, they would take the back end away
local week = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" }
local every_day = {}
for _, day in ipairs(week) do
  every_day[day] = true
end

---@param key string of an option, such as "windows[1].from"
---@param wanted string
---@param got any
local function mistake(key, wanted, got)
  error(("option %s: want %s, got %q"):format(key, wanted, tostring(got)))
end

---@param key string
---@param clock any "22:00"
---@return number minutes since midnight, 24 hours at most
local function minutes(key, clock)
  local hour, minute = tostring(clock):match("^(%d%d?):([0-5]%d)$")
  local sum = hour and hour * 60 + minute
  if not sum or sum > 24 * 60 then
    mistake(key, "a time such as 22:00", clock)
  end
  return sum
end

---@param key string
---@param text any "fri sat"; nil for every day
---@return table<string, boolean>
local function days(key, text)
  if text == nil then
    return every_day
  end
  local set, wanted = {}, "some of " .. table.concat(week, " ")
  for day in tostring(text):lower():gmatch("%S+") do
    set[day] = every_day[day] or mistake(key, wanted, text)
  end
  return next(set) and set or mistake(key, wanted, text)
end

for key in pairs(options) do
  if key ~= "zone" and key ~= "windows" then
    error(("unknown option %q: want zone and windows"):format(key))
  end
end
local windows = {}
if options.windows and #options.windows == 0 and next(options.windows) then
  mistake("windows", "a list of tables", "a table")
end
for i, window in ipairs(options.windows or {}) do
  local key = ("windows[%d]"):format(i)
  for name in pairs(window) do
    if name ~= "days" and name ~= "from" and name ~= "to" then
      mistake(key, "days, from and to", name)
    end
  end
  windows[i] = {
    days = days(key .. ".days", window.days),
    from = minutes(key .. ".from", window.from),
    to = minutes(key .. ".to", window.to),
    message = ("no changes from %s to %s, %s"):format(window.from, window.to, zone),
  }
end

---@param window table
---@param t number seconds
---@return boolean
local function covers(window, t)
  local from, to, now = window.from, window.to, time.date(t, zone)
  local minute, day = now.hour * 60 + now.min, week[now.wday]
  if to <= from and minute < to then
    minute, day = minute + 24 * 60, week[(now.wday + 5) % 7 + 1]
  end
  local last = to <= from and to + 24 * 60 or to
  return window.days[day] and from <= minute and minute < last
end

---@param call hookrun.Call
function pre(call)
  for _, window in ipairs(windows) do
    if not (call.context.is_admin or own[call.method]) and covers(window, time.now()) then
      reject(window.message, "frozen")
    end
  end
end
