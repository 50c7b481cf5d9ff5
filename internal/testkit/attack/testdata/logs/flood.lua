-- expect: killed
while true do log.info("x") end
