-- os.date and os.time, in the C locale.

-- Saturday, the 3rd of February 2001, 04:05:06 in UTC.
local at = 981173106
local function utc(format) return os.date("!" .. format, at) end

assert(utc("%Y-%m-%d %H:%M:%S") == "2001-02-03 04:05:06")
assert(utc("%a %A %b %B %h") == "Sat Saturday Feb February Feb")
assert(utc("%c|%x|%X|%p|%I|%y|%e") == "Sat Feb  3 04:05:06 2001|02/03/01|04:05:06|AM|04|01| 3")
assert(utc("%j %w %u %U %W %V %G %g %C") == "034 6 6 04 05 05 2001 01 20")
assert(utc("%D %F %R %T %r") == "02/03/01 2001-02-03 04:05 04:05:06 04:05:06 AM")
assert(utc("%Z %z %n%t%%") == "GMT +0000 \n\t%")
assert(utc("") == "" and utc("plain") == "plain" and utc("%Q %") == "%Q %")
assert(os.date("!%H %I %p", 13 * 3600) == "13 01 PM" and os.date("!%H %I", 0) == "00 12")
assert(os.date("!%c", 0) == "Thu Jan  1 00:00:00 1970" and os.date("!%Y", -86400) == "1969")
assert(os.date(("%%"):rep(5000)) == ("%"):rep(5000))

-- the weeks at both ends of a year
assert(os.date("!%U %W %V %G", 1483228800) == "01 00 52 2016")  -- Sunday, 2017-01-01
assert(os.date("!%U %W %V %G", 1546214400) == "52 53 01 2019")  -- Monday, 2018-12-31

-- as a table, and back
local d = os.date("!*t", at)
assert(d.year == 2001 and d.month == 2 and d.day == 3 and d.hour == 4 and d.min == 5 and d.sec == 6)
assert(d.wday == 7 and d.yday == 34 and d.isdst == false)
local names = {}
for name in pairs(d) do names[#names + 1] = name end
assert(table.concat(names, " ") == "year month day hour min sec wday yday isdst")
local here = os.date("*t", at)
assert(os.time(here) == at)
assert(os.date("%c", os.time{year = 2020, month = 12, day = 31, hour = 23, min = 59, sec = 58}) == "Thu Dec 31 23:59:58 2020")
assert(os.date("%H", os.time{year = 2020, month = 1, day = 1}) == "12")

-- fields may lie outside their ranges, and may be text
assert(os.date("%F", os.time{year = 2020, month = 14, day = -1}) == "2021-01-30")
assert(os.time{year = "2001", month = "0x2", day = " 03 "} == os.time{year = 2001, month = 2, day = 3})
assert(os.time(setmetatable({}, {__index = {year = 2001, month = 2, day = 3}})) == os.time{year = 2001, month = 2, day = 3})

-- whether daylight saving is in force there is heeded: text and 0 are true, as they are in Lua
local noon = { year = 2001, month = 2, day = 3, isdst = false }
local winter = os.time(noon)
noon.isdst = 0
local summer = os.time(noon)
noon.isdst = true
assert(summer ~= winter and summer == os.time(noon))

-- now
assert(math.abs(os.time() - os.time(os.date("*t"))) <= 2 and type(os.date()) == "string")
assert(os.difftime(os.time(nil), os.time()) <= 2)

os.time{year = 2020, day = 1}                   --> field 'month' missing in date table
os.time{year = 2020, month = "x", day = 1}      --> field 'month' missing in date table
os.time{year = 1 / 0, month = 1, day = 1}       --> field 'year' is out of range
os.time{year = 0 / 0, month = 1, day = 1}       --> field 'year' is out of range
os.time(5)                                      --> bad argument #1 to 'time' (table expected, got number)
os.date("%c", 1e300)                            --> time is out of range
os.date("%c", "x")                              --> bad argument #2 to 'date' (number expected, got string)
os.date({})                                     --> bad argument #1 to 'date' (string expected, got table)
os.time{year = 200000, month = 1, day = 1} --> time is out of range: want at most 4398046511104, got 6249
os.time{year = -200000, month = 1, day = 1} --> time is out of range
for _, year in ipairs{-100000, 100000} do
  local at = os.time{year = year, month = 6, day = 1, hour = 12}
  assert(os.date("*t", at).year == year and os.time(os.date("*t", at)) == at)
end
