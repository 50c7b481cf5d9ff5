-- expect: contained
for i = 1, 60 do local t = {} t[2 ^ i] = 1 t[2 ^ i - 1] = 1 t[-2 ^ i] = 1 local _ = #t end
return true
