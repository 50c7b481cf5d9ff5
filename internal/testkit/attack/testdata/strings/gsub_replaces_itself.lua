-- expect: contained
local s
s = ("abc"):gsub(".", function(c) string.gsub = nil s = nil return c:upper() end)
return s == "ABC"
