-- expect: killed
-- as: hook
local function bomb() local t = {} while true do t[#t + 1] = { #t } end end
function pre.attack() bomb() end
function post.attack() bomb() end
function periodic() bomb() end
