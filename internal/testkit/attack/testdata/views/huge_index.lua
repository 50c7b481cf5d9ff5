-- expect: contained | an item far beyond the end of a list
-- as: hook
function post.attack(call, result) result.echo.numbers[1e9] = 1 end
