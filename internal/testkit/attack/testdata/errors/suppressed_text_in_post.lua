-- expect: contained
-- as: hook
function pre.attack() error(("x"):rep(1e7)) end
function post.attack(call, result) assert(#call.pre_error < 20000) result.echo.extra.why = call.pre_error end
