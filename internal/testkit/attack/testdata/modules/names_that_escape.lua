-- expect: true
for _, name in ipairs { "../../etc/passwd", "/etc/passwd", "..", ".", "", "a/b", "lib.own", "\0", ("x."):rep(1e3), "attack", "guard", "C:\\x", "../guard", "own.lua" } do
  assert(not pcall(require, name), name)
end
for _, name in ipairs { {}, print, true } do assert(not pcall(require, name)) end
return not pcall(require)
--8<-- lib/own.lua
return 1
