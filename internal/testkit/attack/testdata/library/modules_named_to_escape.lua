-- expect: true
for _, name in ipairs({ "../attack", "/etc/passwd", "attack", "..", ".", "", "m.", ".m", "m/init", "m\\init", "m\0", ("m."):rep(10000), "io", "debug", "package" }) do
  if pcall(require, name) then return name end
end
return require("m") ~= nil and require("string") == string and require("m").n == 1
--8<-- lib/m/init.lua
counted = (counted or 0) + 1
return { n = counted }
