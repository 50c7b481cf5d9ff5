-- expect: contained
return pcall(string.find, "x", ("("):rep(1e6)), pcall(string.find, "x", ("[a"):rep(1e6)), pcall(string.find, "x", ("%b"):rep(1e6)), pcall(string.gsub, "x", "x", ("%"):rep(1e6 + 1))
