-- expect: killed
-- as: hook
function post.attack(call, result) while true do table.insert(result.echo.numbers, 1) end end
