-- expect: killed
-- The whole of a text is the text, each time with a header of its own.
local all, s = {}, ("x"):rep(100)
for i = 1, 1e9 do all[i] = s:sub(1) end
