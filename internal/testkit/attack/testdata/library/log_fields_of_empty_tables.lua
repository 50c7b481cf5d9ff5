-- expect: contained | what is logged weighs more in Go than as text
local list = {}
for i = 1, 12000 do list[i] = { {}, {}, {}, {} } end
for i = 1, 40 do log.info("x", { list = list }) end
