-- json.encode and json.decode.

assert(json.encode(1) == "1" and json.encode(-0.5) == "-0.5" and json.encode("a\"b\n") == [["a\"b\n"]])
assert(json.encode(true) == "true" and json.encode(nil) == "null" and json.encode(null) == "null")
assert(json.encode("<a & b>") == '"<a & b>"')
assert(json.encode(2^53) == "9007199254740992" and json.encode(1e300) == "1e+300" and json.encode(10) == "10")
assert(json.encode{1, 2, "x"} == '[1,2,"x"]')
assert(json.encode{b = 1, a = {c = true}} == '{"a":{"c":true},"b":1}', "keys are sorted")
assert(json.encode{} == "{}" and json.encode{{}, {}} == "[{},{}]")
assert(json.encode{1, null, 3} == "[1,null,3]")
assert(json.encode{a = null} == '{"a":null}')

-- Decoded lists stay lists, also empty ones; an entry that is null is no entry in a map, and null in a list.
assert(json.encode(json.decode("[]")) == "[]" and json.encode(json.decode("{}")) == "{}")
assert(json.encode(json.decode('{"a":[],"b":{}}')) == '{"a":[],"b":{}}')
local v = json.decode('{"a":null,"b":[null,1,null]}')
assert(v.a == nil and #v.b == 3 and v.b[1] == null and v.b[2] == 1 and v.b[3] == null)
assert(json.encode(v) == '{"b":[null,1,null]}')
assert(json.decode("null") == nil and json.decode("true") == true and json.decode('"x"') == "x")
assert(json.decode(" [1] ")[1] == 1 and json.decode("\t\n1\r\n") == 1)
assert(json.decode('"\\u00e9\\n"') == "\195\169\n")
assert(json.decode("1e3") == 1000 and json.decode("-0.25") == -0.25)
assert(json.decode("9007199254740993") == 2^53, "as near as a number can be")
local list = json.decode("[1,2]")
list[#list + 1] = 3
assert(json.encode(list) == "[1,2,3]")
list.x = nil
table.remove(list) table.remove(list) table.remove(list)
assert(json.encode(list) == "[]")

-- A view is encoded as what is behind it, with all digits.
function test_a_view(share)
  assert(json.encode(share.places) == '[{"admin":false,"path":"one"},{"admin":true,"path":"two"}]')
  assert(json.encode(share.metadata) == '{"owner":"ann","zone":"z1"}')
  assert(json.encode(share.extra) == '{"list":[1,null,"x"],"n":1}')
  assert(json.encode(options.tags) == '["a","b"]' and json.encode(options.empty) == "[]")
  assert(json.encode{share.places[1]} == '[{"admin":false,"path":"one"}]')
  share.size = 9
  assert(json.decode(json.encode(share)).size == 9)
end

-- What is no data, or no JSON.
json.encode(print)                  --> value: want data, got function
json.encode{a = {b = print}}        --> value.a.b: want data, got function
json.encode{1, {2, io}}
json.encode(coroutine.create(function() end))  --> value: want data, got thread
json.encode(0/0)                    --> value: want a finite number
json.encode{x = 1/0}                --> value.x: want a finite number
json.encode{1, 2, nil, 4}           --> value: a hole: item 3 of 4 is nil
json.encode{1, 2, x = 3}            --> value: want a list, got a table with the key "x"
json.encode{[1.5] = 1}              --> value
json.encode{[true] = 1}             --> value: want
local loop = {} loop.self = loop json.encode(loop)  --> value.self:
local deep = {} for i = 1, 200 do deep = {deep} end json.encode(deep)  --> deep
json.encode()                       --> bad argument #1 to 'encode' (value expected)
json.decode("")                     --> not JSON: EOF
json.decode("[1,2")                 --> not JSON: unexpected EOF
json.decode("{a:1}")                --> not JSON: invalid character 'a'
json.decode("[1,]")                 --> not JSON: invalid character ']'
json.decode("1 2")                  --> not JSON: more text after the value, at byte 1
json.decode("1 ]")                  --> not JSON: more text after the value, at byte 1
json.decode("[1]}")                 --> not JSON: more text after the value, at byte 3
json.decode("nul")                  --> not JSON: unexpected EOF
json.decode("NaN")                  --> not JSON: invalid character 'N'
json.decode(("["):rep(100) .. ("]"):rep(100))  --> JSON nested deeper than 99 levels
json.decode(('{"a":'):rep(100) .. "1" .. ("}"):rep(100))  --> JSON nested deeper than 99 levels
json.decode(("["):rep(20000))       --> JSON nested deeper than 99 levels
json.decode(nil)                    --> bad argument #1 to 'decode' (string expected, got nil)
json.decode({})                     --> bad argument #1 to 'decode' (string expected, got table)

local deep = json.decode(("["):rep(99) .. "7" .. ("]"):rep(99))
for i = 1, 99 do deep = deep[1] end
assert(deep == 7)
