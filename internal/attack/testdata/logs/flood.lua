-- expect: killed|error | by the bound of what a run may log
while true do log.info("x") end
