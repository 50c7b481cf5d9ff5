-- expect: killed
local text = ("a"):rep(1e5)
while true do pcall(re.replace, text, "(.*)(.*)(.*)b", "") end
