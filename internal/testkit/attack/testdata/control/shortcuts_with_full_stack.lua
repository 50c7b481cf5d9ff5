-- expect: true | type, next, pairs and ipairs at every size of the stack near its end
-- timeout: 1s
local shapes = {
  function(...) return (type(...)) end, function(...) return type(...), ... end, function(...) return { ..., type(...) } end,
  function(...) return (next({ ... })) end, function(...) return next({ ... }) end, function(...) for i, v in ipairs({ ... }) do return i, v end end,
  function(...) for k, v in pairs({ ... }) do return k, v end end, function(...) return select("#", type(...), ...) end,
  function(...) local function r(n, ...) if n == 0 then return type(...) end return (r(n - 1, ...)) end return r(3, ...) end,
  function(...) return coroutine.wrap(function(...) return (type(...)), ... end)(...) end, function(...) return pcall(type, ...) end,
}
for _, n in ipairs({ 2000, 3000, 3060, 3070, 5900, 6000, 6050, 6090, 6100, 6110, 6120, 6125, 6130, 6133, 6135, 6138, 6140, 6143, 6144 }) do
  for i, f in ipairs(shapes) do
    local ok, why = pcall(function() local first = f(unpack({ 1 }, 1, n)) return first end)
    if not ok and not tostring(why):find("overflow") and not tostring(why):find("too many results") then return i .. ": " .. tostring(why) end
  end
end
local function one(v) return (type(v)) end
return select("#", one(1)) == 1 and one(nil) == "nil"
