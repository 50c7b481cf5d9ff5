-- expect: contained
-- as: hook
function post.attack(call, result)
  local loop = function() while true do end end
  local t = setmetatable({ a = 1 }, { __index = loop, __len = loop, __tostring = loop, __eq = loop, __call = loop, __metatable = loop, __jsontype = loop })
  result.echo.extra.t = t
  result.echo.items[1] = setmetatable({ name = "x" }, { __index = loop })
end
