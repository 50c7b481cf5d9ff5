-- expect: error
-- as: hook
function post.attack(call, result) return next(result.echo.labels, "not there") end
