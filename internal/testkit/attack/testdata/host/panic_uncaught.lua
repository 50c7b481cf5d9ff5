-- expect: contained
-- uses: luar
host:Boom()
