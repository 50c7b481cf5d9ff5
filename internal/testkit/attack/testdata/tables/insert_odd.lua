-- expect: contained
for _, at in ipairs { 0/0, 1/0, -1/0, 1e9, -1e9, 2^53, 2^31, 2^63, 0, -1, 1.5 } do
  local t = { 1, 2, 3 }
  pcall(table.insert, t, at, "x") pcall(table.remove, t, at) pcall(function() t[at] = 1 end) pcall(rawset, t, at, 1) pcall(unpack, t, at) pcall(unpack, t, 1, at) pcall(table.maxn, t) pcall(table.getn, t)
end
return true
