-- expect: killed|contained
-- as: hook
function post.attack(call, result) for i in ipairs(result.echo.numbers) do result.echo.numbers[i + 3] = i end end
