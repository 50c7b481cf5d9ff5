-- expect: killed
while true do local _ = ("%99.99f %99s %q"):format(1e300, "x", "y") end
