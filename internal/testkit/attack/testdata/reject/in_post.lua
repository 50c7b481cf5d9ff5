-- expect: error
-- as: hook
function post.attack(call, result) pcall(reject, "too late") result.echo.size = 1 end
