-- expect: killed
-- uses: luar
while true do pcall(host.Wait, host) end
