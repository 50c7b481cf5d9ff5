-- expect: true | only a function is called for __call, so no chain of tables is
local a, b = setmetatable({}, {}), setmetatable({}, {})
getmetatable(a).__call, getmetatable(b).__call = b, a
local own = setmetatable({}, {})
for _, event in ipairs({ "__call", "__index", "__newindex", "__tostring", "__lt", "__le", "__eq", "__add", "__concat", "__unm", "__len", "__mod" }) do
  getmetatable(own)[event] = own
end
local tried = {
  function() return a() end, function() return own() end, function() return own.x end, function() own.x = 1 end, function() return own + 1 end,
  function() return own .. "x" end, function() return own < own end, function() return -own end, function() return #own end,
  function() for k in own do end end, function() return tostring(own) end, function() table.sort({ 1, 2 }, own) end,
  function() return (("x"):gsub("x", own)) end, function() log.info(own) error() end,
}
for i, f in ipairs(tried) do if pcall(f) then return i end end
return true
