-- expect: contained
local function leave(...)
  local big = ("x"):rep(2.5e7) .. "y"
  local t = { ..., big, big }
  return select("#", ..., big)
end
local function down(n, ...)
  if n == 0 then return leave(...) end
  return select(2, pcall(down, n - 1, n, ...))
end
for n = 60, 1, -1 do down(n) end
return true
