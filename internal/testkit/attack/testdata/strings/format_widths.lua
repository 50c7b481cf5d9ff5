-- expect: contained
for _, f in ipairs { "%99d", "%999d", "%9999999d", "%.99f", "%.999f", "%.9999999f", "%99.99f", "%-99s", "%099d", "%+-# 099.99x", "%*d", "%1$s", "%[1]s", "%v", "%T", "%U", "%b", "%p", "%n", "%" , "%%%", "%5", "%5.", "%.", "%#", "%l", "%h", "%hhd", "%lld", "%\0" } do
  for _, v in ipairs { 1, -1, 0/0, 1/0, 2^63, "x", {}, print } do pcall(string.format, f, v, v) end
end
return true
