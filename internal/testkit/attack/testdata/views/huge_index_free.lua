-- expect: contained
-- as: hook
function post.attack(call, result) result.echo.extra.list[67108863] = 1 end
