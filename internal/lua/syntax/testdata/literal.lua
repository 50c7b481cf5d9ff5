-- Numbers, strings and comments.

print(010, 0012, 09, 08.5, 0, 1e2, 5e-1, .5, 3., 0x10, 0XfF) --> 10	12	9	8.5	0	100	0.5	0.5	3	16	255
print(1e999 > 1e308, -1e999 < -1e308, 1e-999 == 0) --> true	true	true
print(0xffffffffffffffff == 2 ^ 64, 0xfffffffffffffffffffff == 2 ^ 84, 9007199254740993 == 2 ^ 53) --> true	true	true
print(({ [1e999] = "inf" })[1e999], -2 ^ 2, 2 ^ -1) --> inf	-4	0.5
--[==========
--[=== no long comment
--[===[ a long
one ]==] ]===] print("after") --> after
--[[ nested ]] print("x") --> x
print([==[
]]]=]]==], "\65\066\0671\\\"\'" .. '\z') --> ]]]=]	ABC1\"'z
print(#"a\
b", "a\tb" == "a	b") --> 3	true
