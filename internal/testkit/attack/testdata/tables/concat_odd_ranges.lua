-- expect: contained
for _, v in ipairs { 0/0, 1/0, -1/0, 1e18, -1e18, 2^53, 2^63, -2^63, 1.5 } do pcall(table.concat, { 1 }, "x", v) pcall(table.concat, { 1 }, "x", 1, v) pcall(table.concat, {}, ("x"):rep(1e6), v, v) end
return true
