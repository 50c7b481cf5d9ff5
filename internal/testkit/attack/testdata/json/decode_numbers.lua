-- expect: contained
for _, n in ipairs { "1e999", "-1e999", "1e-999", ("9"):rep(1e6), "0." .. ("0"):rep(1e6) .. "1", "1e" .. ("9"):rep(1e5), "-0", "1E+400", "NaN", "Infinity", "0x10" } do pcall(json.decode, n) end
return true
