-- expect: contained
-- uses: luar
return pcall(host.TakeSlice, host, { [1e9] = 1 }), pcall(host.Take, host, { [1e9] = 1 }), pcall(host.TakeSlice, host, setmetatable({ [67108863] = 1 }, { __jsontype = "array" }))
