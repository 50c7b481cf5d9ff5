-- expect: killed
local signs = { "+", "-" }
while true do
  for hours = 0, 14 do
    for _, sign in ipairs(signs) do pcall(time.format, 0, "%c", "Etc/GMT" .. sign .. hours) end
  end
  pcall(time.date, 0, "Nowhere/At_all")
end
