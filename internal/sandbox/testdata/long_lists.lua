-- An array has an end: no item is lost behind it unnoticed.
local long = {}
for i = 1, 524287 do long[i] = true end
assert(#long == 524287)
table.insert(long, true)                --> a list of more than 524287 items
table.insert(long, 1, true)             --> a list of more than 524287 items
long[524288] = true
assert(long[524288])
_ = #long                               --> a list of more than 524287 items
long[#long + 1] = true                  --> a list of more than 524287 items
table.insert(long, true)                --> a list of more than 524287 items
table.insert(long, 1, true)             --> a list of more than 524287 items
table.remove(long)                      --> a list of more than 524287 items
table.sort(long)                        --> a list of more than 524287 items
table.concat(long)                      --> a list of more than 524287 items
unpack(long)                            --> a list of more than 524287 items
table.getn(long)                        --> a list of more than 524287 items
json.encode(long)                       --> a hole: item 524288 stands alone after 524287 items
local seen = 0
for i in ipairs(long) do seen = i end
assert(seen == 524288)
seen = 0
for _ in pairs(long) do seen = seen + 1 end
assert(seen == 524288)
long[524288] = nil
assert(#long == 524287)
