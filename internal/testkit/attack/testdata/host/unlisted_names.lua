-- expect: true
-- uses: luar
for _, name in ipairs { "Lock", "Unlock", "TryLock", "Mutex", "WG", "Name", "secret", "Inner", "P", "M", "S", "Ch", "Fn", "Any", "cb", "String", "GoString", "new", "Twice", "__index", "greet" } do
  local ok, v = pcall(function() return host[name] end)
  assert(not ok or v == nil, name)
end
return not pcall(function() for k in pairs(host) do error(k) end error("none") end) and not tostring(host):find("s3cret") and not pcall(function() return host + 1 end) and not pcall(host)
