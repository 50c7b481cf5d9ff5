-- clock.lua: windows of time and calendars.
local clock = {}

local days = { sun = 1, mon = 2, tue = 3, wed = 4, thu = 5, fri = 6, sat = 7 }

local function minutes(text)
  local hour, minute = text:match("^(%d%d?):(%d%d)$")
  if not hour then
    error(("want a time such as 22:30, got %q"):format(text), 3)
  end
  return tonumber(hour) * 60 + tonumber(minute)
end

function clock.window(from, to, names)
  local window = { from = minutes(from), to = minutes(to) }
  if names then
    window.days = {}
    for name in names:gmatch("%a+") do
      window.days[assert(days[name:lower()], "no day " .. name)] = true
    end
  end
  return window
end

---Whether a time lies in a window, which may go beyond midnight.
function clock.within(window, seconds, zone)
  local date = time.date(seconds, zone)
  local now = date.hour * 60 + date.min
  local day = date.wday
  if window.from > window.to and now < window.to then
    day = (day - 2) % 7 + 1 -- it began the day before
  elseif now < window.from or window.from <= window.to and now >= window.to then
    return false
  end
  return not window.days or window.days[day] == true
end

function clock.age(from, now)
  local then_, problem = time.parse(from)
  if not then_ then
    return nil, problem
  end
  return (now or time.now()) - then_
end

function clock.leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

function clock.month_days(year, month)
  if month == 2 then
    return clock.leap(year) and 29 or 28
  end
  return (month == 4 or month == 6 or month == 9 or month == 11) and 30 or 31
end

function clock.rough(seconds)
  local steps = { { 86400, "d" }, { 3600, "h" }, { 60, "m" } }
  for _, step in ipairs(steps) do
    if seconds >= step[1] then
      return ("%d%s"):format(math.floor(seconds / step[1]), step[2])
    end
  end
  return ("%ds"):format(seconds)
end

return clock
