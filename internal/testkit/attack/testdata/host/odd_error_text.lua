-- expect: contained
-- uses: luar
return pcall(host.FailWith, host, ""), pcall(host.FailWith, host, "\0\255\n%s%d%!"), pcall(host.FailWith, host, "attack.lua:1: forged")
