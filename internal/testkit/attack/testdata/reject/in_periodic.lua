-- expect: error
-- as: hook
function periodic() pcall(reject, "no call") end
function pre.attack() end
