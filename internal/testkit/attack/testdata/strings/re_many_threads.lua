-- expect: killed
-- Hundreds of threads for each character, in one call: package regexp would take seconds.
return re.match(("a"):rep(1e6), "(?:a{0,300}){3}b")
