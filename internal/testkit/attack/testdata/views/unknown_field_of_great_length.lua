-- expect: contained | the search for a similar field must not take its length
-- as: hook
function post.attack(call, result)
  local name = ("Ä_"):rep(1.5e7)
  for i = 1, 10 do pcall(function() result[name] = 1 end) pcall(function() result.echo.items[1][name] = 1 end) end
end
