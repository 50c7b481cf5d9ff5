-- expect: killed | each coroutine that the text leaves copies it
local big = ("x"):rep(15e6)
local function down(n)
  if n == 0 then error(big, 0) end
  coroutine.wrap(down)(n - 1)
  return 1
end
while true do pcall(down, 90) end
