-- expect: contained
return pcall(json.encode, setmetatable({ [1e9] = 1 }, { __jsontype = "array" }))
