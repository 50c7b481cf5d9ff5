-- expect: ok
-- as: hook
function pre.attack() reject = function() end reject("nothing") end
--8<-- second
function pre.attack() assert(type(reject) == "function") local ok = pcall(string.rep, "x", 2) assert(ok) end
