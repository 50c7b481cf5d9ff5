-- expect: killed | a refusal must not collect the garbage of the whole process
while true do pcall(string.rep, "x", 1e9) end
