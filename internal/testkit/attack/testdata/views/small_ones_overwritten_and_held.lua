-- expect: killed | the views themselves are held, too
-- timeout: 5s
-- as: hook
function post.attack(call, result)
  while true do
    result.echo.labels, result.echo.items = nil, nil
    result.echo.labels.x = 1
    local _ = result.echo.items[1]
  end
end
