-- expect: contained
for i = 1, 500 do
  pcall(function() local t = setmetatable({}, { __index = function() error(i) end }) return table.concat({ t.x }) end)
  pcall(table.sort, { 3, 2, 1 }, function() error({ i }) end)
  pcall(string.gsub, "abc", ".", function() error(i) end)
end
return true
