-- expect: contained
return pcall(string.format, ("%%"):rep(1e6)), pcall(string.gsub, "x", "x", ("%%"):rep(1e6)), pcall(os.date, ("%%"):rep(1e6))
