-- expect: rejected
-- as: hook
function pre.attack() reject(("x"):rep(1e7), ("y"):rep(1e7)) end
