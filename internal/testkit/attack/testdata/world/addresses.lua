-- expect: contained | tostring must work for everything
local all = { {}, print, function() end, coroutine.create(function() end), options, service, null, _G, log, pre }
for _, v in ipairs(all) do assert(type(tostring(v)) == "string") end
return true
