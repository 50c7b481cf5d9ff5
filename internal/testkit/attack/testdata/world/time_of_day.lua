-- expect: contained
for _, v in ipairs { 0, -1, 2^31, 2^53, -2^63, 1e300, 0/0, 1/0, {}, "x", { year = 1e9, month = 1e9, day = 1e9 }, { year = 0/0, month = 1, day = 1 }, { year = 2020, month = 1, day = 1, hour = -1e18 } } do
  pcall(os.time, v) pcall(os.date, "%c", v) pcall(os.date, "*t", v) pcall(os.date, v) pcall(os.difftime, v, v)
end
for c = 0, 255 do pcall(os.date, "%" .. string.char(c)) pcall(os.date, "!%" .. string.char(c), 0) end
return true
