-- expect: contained
local y = coroutine.yield
local bodies = {
  function() table.sort({ 3, 2, 1 }, y) end,
  function() ("abc"):gsub(".", y) end,
  function() return setmetatable({}, { __index = y }).x end,
  function() setmetatable({}, { __newindex = y }).x = 1 end,
  function() return setmetatable({}, { __add = y }) + 1 end,
  function() return setmetatable({}, { __concat = y }) .. "x" end,
  function() return setmetatable({}, { __eq = y }) == setmetatable({}, { __eq = y }) end,
  function() return tostring(setmetatable({}, { __tostring = y })) end,
  function() for i in y do end end,
  function() xpcall(error, y) end,
  function() pcall(pcall, y) end,
  function() print(setmetatable({}, { __tostring = y })) end,
  function() require("x", y) end,
  function() json.encode(setmetatable({}, { __index = y })) end,
  function() y(y, y(y)) end,
  function() return y() end,
  function() coroutine.wrap(y)() end,
}
for _, body in ipairs(bodies) do
  local co = coroutine.create(body)
  for i = 1, 4 do coroutine.resume(co, i) end
end
return true
