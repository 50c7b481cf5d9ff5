-- expect: killed
-- as: hook
function post.attack(call, result) local i = 0 while true do i = i + 1 result.echo.extra[i .. ""] = { i, { i } } end end
