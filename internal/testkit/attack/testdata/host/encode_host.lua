-- expect: contained
-- uses: luar
return pcall(json.encode, host), pcall(json.encode, { host }), pcall(log.info, "m", { h = host }), pcall(print, host), pcall(string.format, "%s %d", host, host), pcall(error, host)
