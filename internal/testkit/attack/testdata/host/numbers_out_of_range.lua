-- expect: contained
-- uses: luar
for _, n in ipairs { -1, 256, 1.5, 0/0, 1/0, -1/0, 2^63, 1e300, "5", "x", {}, true, null } do
  pcall(host.TakeU8, host, n) pcall(host.TakeFloat, host, n) pcall(host.Sum, host, n) pcall(host.Many, host, n) pcall(host.Runtime, host, n) pcall(host.Greet, host, n)
end
return true
