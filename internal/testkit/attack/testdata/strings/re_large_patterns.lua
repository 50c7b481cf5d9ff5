-- expect: killed
-- As large as a pattern can be, made anew each time.
local text, i = ("ab"):rep(1e5), 0
while true do
  i = i + 1
  for _, p in ipairs { "[ab]{0,900}", [[\pL?\pN?]], "(a?)", "a?" } do
    for _, n in ipairs { 5, 40, 150, 4900 } do pcall(re.match, text, p:rep(n) .. i) end
  end
end
