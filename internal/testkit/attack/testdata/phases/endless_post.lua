-- expect: killed
-- as: hook
function post.attack(call, result) result.echo.size = 99 while true do end end
