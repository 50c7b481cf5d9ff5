-- expect: error|killed | 2^40 values as one small table
-- as: hook
function post.attack(call, result) local t = { 1 } for i = 1, 40 do t = { t, t } end result.echo.extra.t = t end
