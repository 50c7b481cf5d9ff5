-- expect: contained
-- as: hook
function post.attack(call, result) result.seen.result = result result.echo.extra.seen = result.seen return result end
