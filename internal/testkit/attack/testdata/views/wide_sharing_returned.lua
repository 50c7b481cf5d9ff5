-- expect: contained
-- as: hook
function pre.attack() local t = { 1 } for i = 1, 60 do t = { t, t } end return t end
