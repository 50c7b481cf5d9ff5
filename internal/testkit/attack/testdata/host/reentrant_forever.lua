-- expect: killed
-- uses: luar
-- as: hook
function pre.attack() while true do pcall(host.Again, host) end end
