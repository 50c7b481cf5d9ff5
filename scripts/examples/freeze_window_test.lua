-- When freeze_window.lua refuses calls. 2026-11-27 is a Friday.

local weekend = { days = "fri sat", from = "22:00", to = "06:00" }

local function outcome(t, at, more)
  t.clock(at)
  local call = { method = "create_snapshot", args = { snapshot = { id = "sn-1" } } }
  for k, v in pairs(more or {}) do
    call[k] = v
  end
  return t.call(call).outcome
end

test.table("over midnight", {
  { at = "2026-11-27T21:59:59Z", want = "completed" },
  { at = "2026-11-27T22:00:00Z", want = "rejected" },
  { at = "2026-11-27T22:01:00Z", want = "rejected" },
  { at = "2026-11-28T00:00:00Z", want = "rejected" },
  { at = "2026-11-28T05:59:59Z", want = "rejected" },
  { at = "2026-11-28T06:00:00Z", want = "completed" },
  { at = "2026-11-28T22:30:00Z", want = "rejected" },
  { at = "2026-11-29T05:00:00Z", want = "rejected" },
  { at = "2026-11-29T22:30:00Z", want = "completed" },
  { at = "2026-11-27T05:00:00Z", want = "completed" },
}, function(t, row)
  t.options { windows = { weekend } }
  t.expect(outcome(t, row.at)):is(row.want)
end)

test.table("within a day", {
  { at = "2026-11-25T08:59:00Z", want = "completed" },
  { at = "2026-11-25T09:00:00Z", want = "rejected" },
  { at = "2026-11-25T09:29:00Z", want = "rejected" },
  { at = "2026-11-25T09:30:00Z", want = "completed" },
  { at = "2026-11-26T09:15:00Z", want = "rejected" },
}, function(t, row)
  t.options { windows = { { from = "9:00", to = "09:30" } } }
  t.expect(outcome(t, row.at)):is(row.want)
end)

-- Each day by its name: the first of these is a Sunday.
test.table("days", { "sun", "mon", "tue", "wed", "thu", "fri", "sat" }, function(t, day)
  t.options { windows = { { days = day, from = "12:00", to = "13:00" }, { days = day, from = "23:00", to = "01:00" } } }
  for i, other in ipairs { "sun", "mon", "tue", "wed", "thu", "fri", "sat" } do
    local date = ("2026-11-%02d"):format(21 + i)
    t.expect(outcome(t, date .. "T12:30:00Z")):is(day == other and "rejected" or "completed")
    t.expect(outcome(t, date .. "T23:30:00Z")):is(day == other and "rejected" or "completed")
    t.expect(outcome(t, ("2026-11-%02d"):format(22 + i) .. "T00:30:00Z")):is(day == other and "rejected" or "completed")
  end
end)

function test.a_window_of_a_whole_day(t)
  t.options { windows = { { days = "fri", from = "00:00", to = "00:00" } } }
  t.expect(outcome(t, "2026-11-26T23:59:00Z")):is("completed")
  t.expect(outcome(t, "2026-11-27T00:00:00Z")):is("rejected")
  t.expect(outcome(t, "2026-11-27T23:59:00Z")):is("rejected")
  t.expect(outcome(t, "2026-11-28T00:00:00Z")):is("completed")
end

function test.a_window_of_24_hours_that_begins_at_noon(t)
  t.options { windows = { { days = "fri", from = "12:00", to = "12:00" } } }
  t.expect(outcome(t, "2026-11-27T11:59:00Z")):is("completed")
  t.expect(outcome(t, "2026-11-28T11:59:00Z")):is("rejected")
  t.expect(outcome(t, "2026-11-28T12:00:00Z")):is("completed")
end

function test.times_are_those_of_the_zone(t)
  t.options { zone = "Europe/Berlin", windows = { weekend } }
  t.expect(outcome(t, "2026-11-27T20:59:00Z")):is("completed")
  local got = t.call { method = "create_snapshot", args = { snapshot = {} }, at = "2026-11-27T21:00:00Z" }
  t.expect(got.error):has { code = "frozen", message = "no changes from 22:00 to 06:00, Europe/Berlin" }
end

function test.the_second_window_counts_as_well(t)
  t.options { windows = { { from = "01:00", to = "02:00" }, { from = "03:00", to = "04:00" } } }
  t.expect(outcome(t, "2026-11-27T03:30:00Z")):is("rejected")
end

function test.administrators_and_the_service_itself_are_not_refused(t)
  t.options { windows = { { from = "00:00", to = "00:00" } } }
  local now = "2026-11-27T12:00:00Z"
  t.expect(outcome(t, now, { context = { is_admin = true } })):is("completed")
  t.expect(outcome(t, now, { context = { is_admin = false } })):is("rejected")
  t.expect(outcome(t, now, { method = "init_host", args = {} })):is("completed")
  t.expect(outcome(t, now, { method = "publish_service_capabilities", args = {} })):is("completed")
end

function test.without_windows_nothing_is_refused(t)
  t.expect(outcome(t, "2026-11-27T12:00:00Z")):is("completed")
end

test.table("days in capitals, and more than one space", { "FRI", "Fri  Sat", " sat\tfri " }, function(t, days)
  t.options { windows = { { days = days, from = "12:00", to = "13:00" } } }
  t.expect(outcome(t, "2026-11-27T12:30:00Z")):is("rejected")
  t.expect(outcome(t, "2026-11-26T12:30:00Z")):is("completed")
end)

function test.a_day_ends_at_24_hours(t)
  t.options { windows = { { from = "23:59", to = "24:00" } } }
  t.expect(outcome(t, "2026-11-27T23:59:59Z")):is("rejected")
  t.expect(outcome(t, "2026-11-27T00:00:00Z")):is("completed")
end

-- A typo must not open the door, nor close one that nobody meant.
test.table("options that cannot be read", {
  { options = { zone = "Europe/Berln" }, wants = 'got "Europe/Berln"' },
  { options = { window = { weekend } }, wants = 'unknown option "window": want zone and windows' },
  { options = { windows = { from = "22:00", to = "06:00" } }, wants = "option windows: want a list of tables" },
  { options = { windows = { { day = "fri", from = "22:00", to = "06:00" } } }, wants = 'option windows[1]: want days, from and to, got "day"' },
  { options = { windows = { { to = "06:00" } } }, wants = 'option windows[1].from: want a time such as 22:00, got "nil"' },
  { options = { windows = { weekend, { from = "22:00" } } }, wants = 'option windows[2].to: want a time such as 22:00, got "nil"' },
}, function(t, row)
  t.options(row.options)
  t.expect(function() t.call { method = "init_host" } end):raises(row.wants)
end)

test.table("no days", { "", " ", "fri, sat", "fri-sun", "friday", "fri sta", 5 }, function(t, days)
  t.options { windows = { { days = days, from = "22:00", to = "06:00" } } }
  t.expect(function() t.call { method = "init_host" } end)
    :raises(('option windows[1].days: want some of sun mon tue wed thu fri sat, got "%s"'):format(days))
end)

test.table("no time", { "9", "009:00", "09:0", "09:000", "x9:00", "09:60", "24:01", "25:00", 900 }, function(t, from)
  t.options { windows = { { from = from, to = "10:00" } } }
  t.expect(function() t.call { method = "init_host" } end)
    :raises(('option windows[1].from: want a time such as 22:00, got "%s"'):format(from))
end)
