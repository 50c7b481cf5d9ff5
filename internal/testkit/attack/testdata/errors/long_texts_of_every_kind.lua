-- expect: contained
local s = ("%"):rep(1.6e7)
for i = 1, 4 do
  pcall(function() return s.x.y end) pcall(function() return s() end) pcall(function() return s + 1 end) pcall(function() return s < 1 end) pcall(function() return #s .. {} end)
  pcall(function() return nil .. s end) pcall(function() local t t[s] = 1 end) pcall(function() return ({})[s][s] end) pcall(function() return _G[s]() end)
  pcall(reject, nil, s) pcall(assert, nil, s) pcall(error, s, 2) pcall(tonumber, s, 99) pcall(json.decode, s) pcall(json.encode, { [s] = print })
  pcall(json.encode, { a = { [s] = { [s] = print } } }) pcall(log.info, "x", { [s] = print }) pcall(log.info, "x", { [s] = { [s] = 0 / 0 } })
  pcall(string.format, "%d", s) pcall(string.format, s .. "y") pcall(os.date, s) pcall(os.time, { year = s, month = s, day = s }) pcall(string.rep, s, s)
  pcall(setmetatable, s, s) pcall(rawset, options, s, s) pcall(next, {}, s) pcall(next, options, s) pcall(coroutine.wrap(error), s) pcall(coroutine.resume, s)
end
