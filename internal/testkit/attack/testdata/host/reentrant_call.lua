-- expect: contained
-- uses: luar
-- as: hook
function pre.attack() local ok, e = pcall(host.Again, host) assert(not ok, "a hook made a hooked call") end
