-- expect: killed
-- as: hook
function post.attack(call, result)
  while true do
    local at = result.echo.tree
    while at do at = at.next end
    for _, v in ipairs(result.echo.items) do local _ = v.meta.n end
  end
end
