-- expect: contained
-- as: hook
function post.attack(call, result)
  local list = result.echo.items
  list[1] = setmetatable({ name = "x", count = 1 }, { __lt = function() table.remove(list) return true end, __index = list, __concat = function() return list end })
  pcall(table.sort, list) pcall(table.concat, list) pcall(unpack, list) pcall(table.insert, list, list) pcall(table.insert, list, 1, list)
  pcall(table.remove, list, list) pcall(ipairs, list) pcall(select, -1, list)
end
