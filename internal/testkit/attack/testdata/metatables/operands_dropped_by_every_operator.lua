-- expect: contained
local mt, depth = {}, 0
local function make() return setmetatable({ ("x"):rep(2e5) .. depth }, mt) end
local function again(a, b)
  a, b = nil, nil
  depth = depth + 1
  if depth % 190 ~= 0 then local r = make() + make() end
  return depth
end
for _, name in ipairs { "__add", "__sub", "__mul", "__div", "__mod", "__pow", "__unm", "__eq", "__lt", "__le", "__index", "__newindex", "__call", "__concat" } do mt[name] = again end
for i = 1, 3 do
  pcall(function() return make() + make() end) pcall(function() return make() < make() end) pcall(function() return make() == make() end)
  pcall(function() return make().x end) pcall(function() make().x = make() end) pcall(function() return make()(make()) end)
  pcall(function() return -make() end) pcall(function() return make() .. "x" .. make() end)
end
