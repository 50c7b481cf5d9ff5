-- expect: error
-- as: hook
function post.attack(call, result) local t = {} t.t = t result.echo.extra.t = t end
