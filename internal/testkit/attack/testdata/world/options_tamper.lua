-- expect: true
pcall(function() options.name = "EVIL" end)
pcall(function() options.list[1] = "EVIL" end)
pcall(function() options.table.a.b = "EVIL" end)
pcall(rawset, options, "name", "EVIL")
pcall(table.insert, options.list, "EVIL")
pcall(table.sort, options.list, function(a, b) return a > b end)
pcall(table.remove, options.list)
pcall(setmetatable, options, { __index = function() return "EVIL" end })
pcall(function() for key in pairs(options) do options[key] = nil end end)
return options.name == "attack" and #options.list == 3 and options.list[1] == 1 and options.table.a.b == "c"
