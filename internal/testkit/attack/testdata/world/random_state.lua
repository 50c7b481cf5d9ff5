-- expect: contained
for _, v in ipairs { 0, -1, 0/0, 1/0, -1/0, 2^53, 2^63, 1e308, {}, "x" } do pcall(math.random, v) pcall(math.random, 1, v) pcall(math.random, v, 1) pcall(math.randomseed, v) end
while false do end
return true
