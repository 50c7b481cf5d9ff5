-- expect: contained
-- as: hook
function post.attack(call, result) rawset(result.echo.words, 2^40, "x") end
