-- expect: killed
-- Each search looks through all that is left of the text, and matches one character.
local n = 0
for _ in re.gmatch(("a"):rep(1e6), "a*?b|a") do n = n + 1 end
return n
