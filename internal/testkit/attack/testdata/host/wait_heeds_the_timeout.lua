-- expect: killed|error
-- uses: luar
host:Wait()
