-- expect: error
return require("one")
--8<-- lib/one.lua
return require("two")
--8<-- lib/two.lua
return require("one")
