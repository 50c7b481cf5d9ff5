-- expect: ok
-- as: hook
function post.attack(call, result)
  for _, bad in ipairs { {}, print, true, 0/0, 1/0, 1.5, 2^63, "x", coroutine.create(function() end), null, service, options, call } do
    for key in pairs(result.echo) do pcall(function() result.echo[key] = bad end) end
    for i = 1, 3 do pcall(function() result.echo.items[i] = bad end) end
  end
  result.echo = call.args
end
