-- state: what a hook remembers.

assert(state.get("absent") == nil and state.get("absent", 5) == 5)
state.set("n", 1)
state.set("text", "a\0b")
state.set("list", {1, null, "x"})
state.set("map", {deep = {er = 1.5}})
state.set("no", false)
assert(state.get("n") == 1 and state.get("no") == false and state.get("no", true) == false)
assert(json.encode(state.get("list")) == '[1,null,"x"]' and state.get("map").deep.er == 1.5)
assert(json.encode(state.get("text")) == json.encode("a\0b"))

-- What is read is a copy.
local map = state.get("map")
map.deep.er = 2
assert(state.get("map").deep.er == 1.5)

-- incr begins with 0.
assert(state.incr("count") == 1 and state.incr("count") == 2 and state.incr("count", 10) == 12 and state.incr("count", -2.5) == 9.5)
assert(state.get("count") == 9.5)
state.incr("text")               --> state "text": want a number to add to, got string
---- overflow
state.set("huge", 1.7e308)
state.incr("huge", 1.7e308)      --> state "huge": want a sum that is finite, got +Inf
---- delete, and what is no value
assert(state.delete("n") == true and state.delete("n") == false and state.get("n") == nil)
assert(select("#", state.set("m", 1)) == 0)
state.set("m", nil)              --> bad argument #2 to 'set' (want a value, got nil: state.delete deletes a key)
---- no value at all
state.set("m")                   --> bad argument #2 to 'set' (value expected)
---- a value that JSON cannot hold
state.set("m", {f = print})      --> value.f: want data, got function
---- a key that is empty
state.get("")                    --> bad argument #1 to 'get' (want a key of 1 to 512 bytes, got 0)
---- a key that is too long
state.set(("k"):rep(512), 1)
state.set(("k"):rep(513), 1)     --> bad argument #1 to 'set' (want a key of 1 to 512 bytes, got 513)
---- a value that is too long
state.set("long", ("v"):rep(65534))
state.set("long", ("v"):rep(65535)) --> want a value of at most 65536 bytes as JSON, got 65537
---- numbers are keys
state.set(12, "twelve")
assert(state.get("12") == "twelve")
state.get({})                    --> bad argument #1 to 'get' (string expected, got table)
---- keys in their order
for _, key in ipairs{"b/2", "b/1", "a", "c", "b/10", "b"} do
  state.set("each/" .. key, key)
end
local keys = {}
for key, value in state.each("each/b/") do
  assert(key == "each/" .. value)
  keys[#keys + 1] = value
end
assert(table.concat(keys, " ") == "b/1 b/10 b/2")

-- The state may change while it is walked.
local n = 0
for key in state.each("each/") do
  state.delete(key)
  state.set(("each/d%02d"):format(n), 1)
  n = n + 1
  if n == 20 then break end
end
assert(n == 20)
for key in state.each("each/") do state.delete(key) end
for key in state.each("each/") do error("still there: " .. key) end
---- time to live
local now = time and time.now() or os.time()
state.set("short", 1, {ttl = 10})
state.set("gone", 1, {ttl = 1e-9})
assert(state.get("short") == 1)
state.incr("short")              -- keeps its time
state.set("never", 1, {ttl = nil})
state.set("x", 1, {ttl = 0})     --> bad argument #3 to 'set' (ttl: want seconds above 0, at most 3153600000, got 0)
---- a ttl that is no number
state.set("x", 1, {ttl = "soon"}) --> bad argument #3 to 'set' (ttl: want a number, got string)
---- an unknown option
state.set("x", 1, {tll = 5})     --> bad argument #3 to 'set' (want fields ttl, got "tll" (did you mean "ttl"?))
---- a full state
for i = 1, 100 do
  local ok, why = pcall(state.set, "fill" .. i, ("v"):rep(60000))
  if not ok then
    assert(i > 15 and why:find("is full"), why)
    return
  end
end
error("the state takes more than it may")
---- a view is kept as what it is
function test_a_view(share)
  state.set("places", share.places)
  assert(json.encode(state.get("places")) == json.encode(share.places))
  state.set("nested", options.nested)
  assert(state.get("nested").deep.er == 1.5)
end
---- a key that is no text
state.set("a\255", 1)            --> want a key in UTF-8, got "a\xff"
---- text that JSON cannot hold
state.set("x", "caf\233")        --> value: want text in UTF-8, got the byte \xe9
---- such a text within a table
state.set("x", {a = {"ok", "\255"}}) --> value.a[2]: want text in UTF-8, got the byte \xff
---- such a key
state.set("x", {a = {["\237\160\128"] = 1}}) --> value.a: want keys in UTF-8, got the byte \xed
---- such a text that is long
state.set("x", ("é"):rep(4000) .. "\195") --> value: want text in UTF-8, got the byte \xc3
---- text of any other kind
local text = ("é日😀\239\191\189\0\31\127"):rep(400)
state.set("x", text)
assert(state.get("x") == text)
---- null is a value
state.set("x", null)
assert(state.get("x") == null and state.get("x", 5) == null)
local n = 0
for key, value in state.each("x") do n = n + 1 assert(value == null) end
assert(n == 1 and state.delete("x"))
