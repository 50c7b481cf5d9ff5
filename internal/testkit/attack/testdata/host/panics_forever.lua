-- expect: contained | a panic ends the run
-- uses: luar
while true do pcall(host.Boom, host) pcall(host.NilDeref, host) pcall(host.Runtime, host, 99) end
