-- expect: killed
return ("a"):rep(3000):match("(.-)(.-)(.-)(.-)(.-)b")
