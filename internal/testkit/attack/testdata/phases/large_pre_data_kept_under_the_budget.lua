-- expect: contained
-- as: hook
function pre.attack() local t = {} for i = 1, 1e5 do t[i] = "item " .. i end return t end
function post.attack(call, result) result.echo.extra.n = #call.pre result.echo.extra.all = call.pre end
