-- expect: contained | numbers at the edges of what an int holds
local odd = { 2 ^ 31, -2 ^ 31, 2 ^ 53, -2 ^ 53, 2 ^ 63, -2 ^ 63, 1e308, -1e308, 1 / 0, -1 / 0, 0 / 0, -0.0, 0.5, -0.5 }
local functions = {
  string.sub, string.byte, string.rep, string.find, string.match, string.gsub, string.format, string.char, select, unpack, tonumber, next, ipairs, pairs,
  table.concat, table.insert, table.remove, table.maxn, table.getn, math.random, math.ldexp, math.fmod, math.floor, os.date, os.time, os.difftime, rawget, rawset, error,
}
local others = { "x", "%d", ("x"):rep(100), {}, { 1, 2, 3 }, print, true, null, options }
for _, f in ipairs(functions) do
  for _, a in ipairs(odd) do
    for _, b in ipairs(odd) do pcall(f, a, b) pcall(f, "x", a, b) pcall(f, { 1, 2, 3 }, a, b) pcall(f, { 1, 2, 3 }, "", a, b) pcall(f, "%s", "x", a, b) pcall(f, "x", "x", "x", a, b) end
    for _, o in ipairs(others) do pcall(f, o, a) pcall(f, a, o) pcall(f, o, o, a) pcall(f, o, a, o) end
  end
end
return true
