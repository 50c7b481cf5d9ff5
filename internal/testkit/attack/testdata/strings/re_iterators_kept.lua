-- expect: killed
-- Each keeps its pattern.
local its = {}
while true do its[#its + 1] = re.gmatch("", "a{900}" .. #its) end
