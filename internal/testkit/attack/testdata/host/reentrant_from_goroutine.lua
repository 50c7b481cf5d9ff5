-- expect: contained
-- uses: luar
-- as: hook
function pre.attack() pcall(host.AgainLater, host) end
