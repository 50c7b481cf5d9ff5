-- expect: contained
local key = ("k"):rep(1e6)
for i = 1, 20 do
  pcall(function() local t = {} return t[key][key] end) pcall(function() return _G[key]() end) pcall(function() options[key] = 1 end)
  pcall(function() return string.format(key .. "%" .. key) end) pcall(function() return ("x"):find("[" .. key) end) pcall(tonumber, key, 10)
end
return true
