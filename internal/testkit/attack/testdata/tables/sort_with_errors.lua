-- expect: contained
for i = 1, 200 do
  local t = {} for j = 1, 50 do t[j] = (j * 7919) % 50 end
  pcall(table.sort, t, function(a, b) if a == i % 50 then error("stop") end return a < b end)
end
return true
