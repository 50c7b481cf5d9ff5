-- expect: contained
for _, v in ipairs { 1, "x", {}, print, true } do pcall(coroutine.status, v) pcall(coroutine.resume, v) pcall(coroutine.create, v) pcall(coroutine.wrap, v) end
return pcall(coroutine.status), pcall(coroutine.resume), pcall(coroutine.wrap), pcall(coroutine.create)
