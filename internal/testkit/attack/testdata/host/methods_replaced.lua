-- expect: true
-- uses: luar
pcall(function() host.Greet = function() return "EVIL" end end)
pcall(rawset, host, "Greet", function() return "EVIL" end)
pcall(table.insert, host, "EVIL")
pcall(setmetatable, host, { __index = function() return "EVIL" end })
host = { Greet = function() return "EVIL" end }
--8<-- victim
return host:Greet("x") == "hi x" and host.new == nil
