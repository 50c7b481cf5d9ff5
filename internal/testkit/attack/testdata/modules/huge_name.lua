-- expect: error | the search for a similar name must not take its length
return require(("x"):rep(1e7))
--8<-- lib/own.lua
return 1
