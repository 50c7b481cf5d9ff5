-- expect: killed
while true do pcall(assert, false, "x") pcall(assert, nil, {}) end
