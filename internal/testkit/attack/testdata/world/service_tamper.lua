-- expect: true
pcall(function() service.name = "EVIL" end)
pcall(rawset, service, "host", "EVIL")
pcall(setmetatable, service, nil)
pcall(function() service.new = 1 end)
--8<-- victim
return service.name == "attacked" and service.host == "storage-1" and service.new == nil
