-- expect: killed
-- Each is some milliseconds for the parser, in thirteen bytes; a pattern of sixteen kilobytes of them is refused.
local ok = pcall(re.match, "", "(?i)" .. ([=[[B-\x{1E942}]]=]):rep(1000))
assert(not ok)
local i = 0
while true do
  i = i + 1
  pcall(re.match, "", [=[(?i)[B-\x{1E942}]]=] .. i)
end
