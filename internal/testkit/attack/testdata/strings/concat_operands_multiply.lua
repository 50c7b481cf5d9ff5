-- expect: killed|error | one instruction, forty operands
local s = ("x"):rep(1e6)
for i = 1, 4 do s = s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s end
return #s
