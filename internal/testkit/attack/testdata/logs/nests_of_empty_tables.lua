-- expect: killed | a table without text weighs next to nothing in the log, but takes time and memory
local deep = {}
for i = 1, 90 do deep = { deep } end
local wide = {}
for i = 1, 500 do wide["k" .. i] = {} end
while true do log.info("", { deep = deep }) log.info("", wide) log.info("") end
