-- expect: killed
-- as: hook
-- calls: 60
function pre.attack() local m = require("store") for i = 1, 2e4 do m[#m + 1] = { i, "x" .. i } end end
--8<-- lib/store.lua
return {}
