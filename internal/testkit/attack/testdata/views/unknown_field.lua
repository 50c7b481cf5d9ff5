-- expect: error
-- as: hook
function post.attack(call, result) result.echo.hidden = "seen" end
