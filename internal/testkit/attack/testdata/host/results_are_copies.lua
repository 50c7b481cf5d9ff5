-- expect: true
-- uses: luar
local a = host:Many(3)
a[1] = "EVIL" a[2e9] = 1
local s = host:Secrets()
return host:Many(3)[1] == 0 and s.Name == "host" and s.secret == nil
