-- expect: true
for _, v in ipairs { 0, "", true, print, coroutine.create(function() end) } do
  pcall(setmetatable, v, { __index = function() return "EVIL" end, __add = print, __concat = print, __call = print, __unm = print })
  pcall(function() getmetatable(v).__index = function() return "EVIL" end end)
end
--8<-- victim
return not pcall(function() return (1)() end) and not pcall(function() return -"x" end) and not pcall(function() return coroutine.create(function() end).x end)
