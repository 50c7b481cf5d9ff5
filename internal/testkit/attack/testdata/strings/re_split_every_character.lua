-- expect: killed|error
local all = {}
while true do all[#all + 1] = re.split(("x"):rep(5e5), "") end
