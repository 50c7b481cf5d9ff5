-- expect: killed|error
return #(("a"):rep(1e5):gsub("a", { a = ("x"):rep(1e5) }))
