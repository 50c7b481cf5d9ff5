-- expect: error|killed
for i = 1, 10 do pcall(require, ("\0\255"):rep(2e7)) end
return require(("\0\255"):rep(2e7))
--8<-- lib/own.lua
return 1
