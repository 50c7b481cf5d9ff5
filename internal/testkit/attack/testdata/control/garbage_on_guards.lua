-- expect: contained | what protected calls leave on the stacks that wait for the next one
local function leave()
  local a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
  local big = ("x"):rep(3e7) .. "y"
  return #big
end
local function down(n)
  if n == 0 then return leave() end
  local ok, v = pcall(down, n - 1)
  return v
end
for n = 90, 1, -1 do down(n) end
return true
