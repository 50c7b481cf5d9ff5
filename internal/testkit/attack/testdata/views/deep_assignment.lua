-- expect: error|killed
-- as: hook
function post.attack(call, result) local t = {} for i = 1, 3e5 do t = { t } end result.echo.extra.t = t end
