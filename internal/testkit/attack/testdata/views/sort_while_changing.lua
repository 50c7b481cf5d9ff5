-- expect: contained
-- as: hook
function post.attack(call, result)
  table.sort(result.echo.numbers, function(a, b)
    table.insert(result.echo.numbers, a)
    result.echo.numbers[1] = nil
    return a < b
  end)
end
