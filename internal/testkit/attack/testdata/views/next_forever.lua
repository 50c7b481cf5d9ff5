-- expect: killed
-- as: hook
function post.attack(call, result) while true do next(result.echo.items, next(result.echo.items)) end end
