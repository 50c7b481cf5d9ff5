-- expect: contained
for i = 1, 100 do pcall(require, "one") end
return true
--8<-- lib/one.lua
for i = 1, 10 do pcall(require, "one") pcall(require, "two") end
return 1
--8<-- lib/two.lua
for i = 1, 10 do pcall(require, "one") end
error("never loads")
