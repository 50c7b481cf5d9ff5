-- expect: killed|error | what a record's fields were assigned to is in no Lua table
-- as: hook
function post.attack(call, result)
  for i, item in ipairs(result.echo.items) do item.name = ("x"):rep(3e7) .. i end
end
