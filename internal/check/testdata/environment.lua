-- A script that reaches its globals by names which cannot be seen may have any.

_G.first = 1
print(first)

for _, name in ipairs({ "a", "b" }) do
  _G[name] = name
end
print(a, b, c)

local t = { pre = 1 }
string.anything(t)
