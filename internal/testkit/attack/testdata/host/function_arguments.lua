-- expect: contained
-- uses: luar
local function loop() while true do end end
pcall(host.OnEvent, host, loop) pcall(host.OnEvent, host, error) pcall(host.OnEvent, host, coroutine.yield) pcall(host.OnEvent, host, nil)
pcall(host.FireAsync, host)
return true
