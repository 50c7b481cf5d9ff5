-- expect: rejected
-- as: hook
function pre.attack() pcall(require, "refuses") end
--8<-- lib/refuses.lua
reject("from a module", "m")
