-- expect: killed|error
-- memory: 2048
for _, n in ipairs { 2 ^ 31, 2 ^ 33, 1e12, 2 ^ 53, 1e18, 1e300, math.huge } do
  assert(not pcall(string.rep, "x", n))
end
return ("x"):rep(1e12)
