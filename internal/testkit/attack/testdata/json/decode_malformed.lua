-- expect: contained
for _, s in ipairs { "", " ", "[", "{", '"', '"\\', '"\\u', '"\\u12', '"\\ud800"', "\255", "\239\187\191{}", "[1,]", "{1:2}", "nul", "[1]]", "[1] [2]", "\0", ("\n"):rep(1e6) } do pcall(json.decode, s) end
return true
