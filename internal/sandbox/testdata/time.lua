-- time: seconds since 1970, and what people and programs write for them.

local at = 981173106 -- Saturday, the 3rd of February 2001, 04:05:06 in UTC

assert(math.abs(time.now() - os.time()) <= 2 and time.now() >= 1.7e9)

-- RFC 3339
assert(time.parse("2001-02-03T04:05:06Z") == at and time.parse("2001-02-03T05:05:06.25+01:00") == at + 0.25)
assert(time.parse("1969-12-31T23:59:59.5Z") == -0.5 and time.parse("0000-01-01T00:00:00Z") == -62167219200)
assert(time.parse("2001-02-03T04:05:06.123456789123Z") == at + 0.123456789 and time.parse("2001-02-03T04:05:06-00:30") == at + 1800)
assert(time.parse("2001-02-03t04:05:06z") == at)
assert(time.parse("2001-02-03 04:05:06.000000") == at and time.parse("2001-02-03T04:05:06") == at, "as Manila writes times")
for _, text in ipairs{"", "noon", "2001-02-03", "2001-02-30T00:00:00Z", "2001-13-01T00:00:00Z", "2001-02-03T24:00:00Z",
  "2001-02-03T04:05:60Z", "2001-2-3T04:05:06Z", "2001-02-03T4:05:06Z", "2001-02-03T04:05:06,5Z", "2001-02-03T04:05:06+1:00",
  "2001-02-03T4:05:06.5Z", "2001-02-03  4:05:06Z", "2001-02-03T04:05:06+24:00", "2001-02-03T04:05:06+01:60", "2001-02-03T04:05:06+0100", "2001-02-03T04:05:06+01",
  "2001-02-03T04:05:06.Z", "2001-02-03T04:05:06.5Zx", "2001-02-03_04:05:06Z", "2001-02-03T04-05-06Z", "2001-02-03T04:05:06 Z", "2001-02-03T04:05:06ZZ", " 2001-02-03T04:05:06Z", "2001-02-03T04:05:06." .. ("0"):rep(300) .. "Z"} do
  local t, problem = time.parse(text)
  assert(t == nil and problem:find('^want a time such as "2026%-11%-23T10:00:00Z", got "'), text)
end
assert(select(2, time.parse("noon\n")) == 'want a time such as "2026-11-23T10:00:00Z", got "noon\\n"')

assert(time.format(at) == "2001-02-03T04:05:06Z" and time.format(at + 0.25) == "2001-02-03T04:05:06.25Z")
assert(time.format(-0.5) == "1969-12-31T23:59:59.5Z" and time.format(at + 0.9999999) == "2001-02-03T04:05:07Z")
assert(time.format(253402300799) == "9999-12-31T23:59:59Z" and time.format(-62167219200) == "0000-01-01T00:00:00Z")
assert(time.format("981173106", nil, "UTC") == "2001-02-03T04:05:06Z")
assert(time.parse(time.format(1795435200.123456)) == 1795435200.123456)

-- with a layout
assert(time.format(at, "%d.%m.%Y %H:%M:%S %Z %z") == "03.02.2001 04:05:06 UTC +0000")
assert(time.format(at, "%c|%F %T|%j|%V|%%") == "Sat Feb  3 04:05:06 2001|2001-02-03 04:05:06|034|05|%")
assert(time.format(at, "") == "" and time.format(at, "!%H") == "!04" and time.format(at, "*t") == "*t")
assert(time.format(at + 0.9, "%S") == "06")
for c in ("aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ"):gmatch(".") do
  local text = time.format(at, "%" .. c)
  assert(text ~= "" and not text:find("%", 1, true), c)
end
assert(time.format(at, "100%") == "100%" and os.date("!%q", at) == "%q")
for text, layout in pairs{
  ["03.02.2001 04:05:06"] = "%d.%m.%Y %H:%M:%S", ["3.2.2001  4:5:6"] = "%d.%m.%Y %H:%M:%S", ["2001-02-03 04:05:06"] = "%F %T",
  ["Sat Feb  3 04:05:06 2001"] = "%c", ["saturday FEBRUARY 3 4:05:06am 2001"] = "%a %b %d %I:%M:%S%p %Y",
  ["02/03/01, 04:05:06 AM"] = "%D, %r", ["034/01 04h05:06"] = "%j/%y %Hh%M:%S", ["20010203T040506Z"] = "%Y%m%dT%H%M%S%z",
  ["2001-02-03T05:05:06+0100"] = "%FT%T%z", ["2001-02-03T01:35:06-02:30"] = "%FT%T%z", ["2001-02-03T06:05:06+02"] = "%FT%T%z",
  ["2001-02-03 04:05:06 GMT"] = "%F %T %Z", ["Sat, 03 Feb 2001 04:05:06 UTC"] = "%a, %d %b %Y %T %Z",
  ["100% at 2001-02-03\t04:05:06"] = "100%% at %F%n%X",
} do
  assert(time.parse(text, layout) == at, text)
end
assert(time.parse("12:30 AM", "%I:%M %p") == 30 * 60 and time.parse("12:30 PM", "%I:%M %p") == 45000, "of the first day of 1970")
assert(time.parse("1:00pm", "%I:%M%p") == 46800 and time.parse("12", "%I") == 0 and time.parse("29.02.2024", "%d.%m.%Y") == 1709164800)
assert(time.parse("68", "%y") == 3092601600 and time.parse("69", "%y") == -31536000 and time.parse("366 2024", "%j %Y") == 1735603200)
assert(time.parse("", "") == 0 and time.parse("%", "%") == 0)
for text, layout in pairs{
  ["31.02.2001"] = "%d.%m.%Y", ["29.02.2023"] = "%d.%m.%Y", ["31.04.2001"] = "%d.%m.%Y", ["0.1.2001"] = "%d.%m.%Y", ["366 2023"] = "%j %Y",
  ["13 PM"] = "%I %p", ["24:00"] = "%H:%M", ["00:60"] = "%H:%M", ["23:59:60"] = "%T", ["x"] = "%Y", [""] = "%d", ["01x"] = "%d",
  ["Sun"] = "%b", ["CET"] = "%Z", ["+1"] = "%z", ["+01:"] = "%z", ["+24"] = "%z", ["+0160"] = "%z", ["01:00"] = "%z", ["a"] = "b", ["12345"] = "%Y",
} do
  local t, problem = time.parse(text, layout)
  assert(t == nil and problem == ("want a time of the form %q, got %q"):format(layout, text), problem)
end
assert(time.parse((" "):rep(1e6), " ") == nil)

-- in a time zone, which needs no files of the machine
assert(time.format(at, nil, "Europe/Berlin") == "2001-02-03T05:05:06+01:00")
assert(time.format(at, "%H:%M %Z", "America/New_York") == "23:05 EST" and time.format(at, "%H:%M %z", "Asia/Kolkata") == "09:35 +0530")
assert(time.format(1792888200, "%H:%M %Z", "Europe/Berlin") == "02:30 CEST" and time.format(1792891800, "%H:%M %Z", "Europe/Berlin") == "02:30 CET")
assert(time.format(at, "%c", "Local") == os.date("%c", at))

local d = time.date(at)
assert(d.year == 2001 and d.month == 2 and d.day == 3 and d.hour == 4 and d.min == 5 and d.sec == 6)
assert(d.wday == 7 and d.yday == 34 and d.isdst == false)
d = time.date(1782864000.9, "Europe/Berlin")
assert(d.day == 1 and d.hour == 2 and d.sec == 0 and d.isdst == true)
assert(os.time(time.date(at, "Local")) == at)

-- durations
for text, want in pairs{
  ["1h30m"] = 5400, ["90s"] = 90, ["1.5h"] = 5400, ["250ms"] = 0.25, ["7d"] = 604800, ["1d12h"] = 129600, ["1.5d"] = 129600,
  ["-1d1s"] = -86401, ["-90s"] = -90, ["0"] = 0, ["0d"] = 0, ["10000d"] = 864000000,
} do
  assert(time.duration(text) == want, text)
end
for _, text in ipairs{"", "d", "90", "1x", "1h2d", "1d-1h", "--1h", "-+1h", "1d+1h", "+1h", "-", "1d2", "1d1d", "1 h", "1e3s", "99999999999d", ("1"):rep(1e6) .. "s"} do
  local seconds, problem = time.duration(text)
  assert(seconds == nil and problem:find('^want a duration such as "1h30m" or "7d", got "'), text)
end

time.parse()                              --> bad argument #1 to 'parse' (string expected, got no value)
time.parse("05", "%V")                    --> bad argument #2 to 'parse' (conversion of aAbBcdDeFhHIjmMnprRStTxXyYzZ% expected, got "%V")
time.parse("x", ("%d"):rep(200))          --> bad argument #2 to 'parse' (layout of at most 256 bytes expected, got 400 bytes)
time.format()                             --> bad argument #1 to 'format' (number expected, got no value)
time.format("noon")                       --> bad argument #1 to 'format' (number expected, got string)
time.format(1e300)                        --> bad argument #1 to 'format' (time of the years 0 to 9999 expected, got 1e+300)
time.format(253402300800)                 --> bad argument #1 to 'format' (time of the years 0 to 9999 expected, got 253402300800)
time.format(0 / 0)                        --> time of the years 0 to 9999 expected, got
time.format(0, {})                        --> bad argument #2 to 'format' (string expected, got table)
time.format(0, nil, "Europa/Berlin")      --> bad argument #3 to 'format' (time zone such as "Europe/Berlin", "UTC" or "Local" expected, got "Europa/Berlin")
time.format(0, "%s")                      --> bad argument #2 to 'format' (conversion of aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ% expected, got "%s")
time.format(0, "%Y|%Ey")                  --> got "%E"
time.format(0, "%%q|%q")                  --> got "%q"
time.format(0, nil, "../etc/passwd")      --> got "../etc/passwd")
time.format(0, nil, "")                   --> got "")
time.date(0, "Europe")                    --> bad argument #2 to 'date' (time zone
time.date()                               --> bad argument #1 to 'date' (number expected, got no value)
time.duration(nil)                        --> bad argument #1 to 'duration' (string expected, got nil)
