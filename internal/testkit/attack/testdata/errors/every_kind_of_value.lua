-- expect: contained
for _, v in ipairs { {}, print, true, false, 1, 0/0, "", "\0", coroutine.create(function() end), options, service, null, _G, call } do
  pcall(error, v) pcall(error, v, 2) pcall(error, v, -1) pcall(error, v, 1e9) pcall(error, v, 0/0)
  xpcall(function() error(v) end, function(e) error(e) end)
end
error(coroutine.create(function() end))
