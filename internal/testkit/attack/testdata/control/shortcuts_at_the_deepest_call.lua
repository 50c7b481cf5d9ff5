-- expect: true
local function at(n, f, ...) if n == 0 then return (f(...)) end local x = at(n - 1, f, ...) return x end
local shapes = {
  type, next, pairs, ipairs, tostring,
  function(t) return (type(t)) end, function(t) return (next(t)) end, function(t) for k, v in pairs(t) do return k end end,
  function(t) for i, v in ipairs(t) do return i end end, function(t) return "a" .. tostring(t) end,
  function() return setmetatable({}, { __index = function(_, k) return k end }).z end,
  function() for k in setmetatable({}, { __call = function() return nil end }) do end return 1 end,
}
local deepest = 0
for depth = 185, 205 do
  for _, f in ipairs(shapes) do
    local ok, why = pcall(at, depth, f, { 1 })
    if ok then deepest = depth elseif not tostring(why):find("stack overflow") then return why end
  end
end
return deepest >= 190 and deepest < 200
