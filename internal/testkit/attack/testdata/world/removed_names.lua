-- expect: true
for _, name in ipairs { "io", "debug", "package", "channel" } do
  assert(not pcall(function() return _G[name].anything end), name)
  assert(not pcall(function() _G[name].anything = 1 end), name)
end
for _, f in ipairs { dofile or error, loadfile or error, load or error, loadstring or error, os.execute or error, os.exit or error, os.remove or error, os.getenv or error, collectgarbage or error, newproxy or error } do assert(not pcall(f, "x")) end
return true
