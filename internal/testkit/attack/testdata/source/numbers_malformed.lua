-- expect: reject
return 0x + 1e + 3..2
