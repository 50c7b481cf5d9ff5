-- expect: contained
-- uses: luar
while true do pcall(host.Block, host) end
