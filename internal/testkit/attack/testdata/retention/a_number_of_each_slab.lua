-- expect: killed | numbers are made thirty-two at a time, and one of them keeps all
local lists = {}
for n = 1, 100 do
  local list = {}
  for i = 1, 50000 do
    local x = i + 0.5
    for j = 1, 31 do local y = j + 0.25 end
    list[i] = x
  end
  lists[n] = list
end
