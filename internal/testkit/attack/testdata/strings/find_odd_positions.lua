-- expect: contained
for _, at in ipairs { 0, -1, 1e18, -1e18, 0/0, 1/0, -1/0, 2^53, 1.5 } do
  pcall(string.find, "abc", "b", at) pcall(string.find, "abc", "b", at, true) pcall(string.match, "abc", "b", at) pcall(string.sub, "abc", at, at)
  pcall(string.byte, "abc", at, at) pcall(string.byte, "abc", -1e18, at) pcall(string.char, at) pcall(string.rep, "", at) pcall(string.gsub, "abc", ".", "x", at)
end
return true
