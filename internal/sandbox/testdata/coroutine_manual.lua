-- What Lua's manual says of coroutines, sentence by sentence (sections 2.11 and 5.2).

-- create only makes a coroutine: its body does not run until the first resume, which gives it its arguments.
local ran
local co = coroutine.create(function(...) ran = {...} end)
assert(ran == nil and coroutine.status(co) == "suspended" and type(co) == "thread")
assert(coroutine.resume(co, 1, "two") == true)
assert(#ran == 2 and ran[1] == 1 and ran[2] == "two")

-- When the body ends, resume returns true and what it returned; when it fails, false and the error.
local function all(...) return select("#", ...) .. ":" .. table.concat({...}, ",") end
local function ask(...) local ok, v, w = coroutine.resume(...) return tostring(ok) .. " " .. tostring(v) .. " " .. tostring(w) end
assert(ask(coroutine.create(function(a, b) return b, a end), 1, 2) == "true 2 1")
assert(ask(coroutine.create(function() error("broken", 0) end)) == "false broken nil")

-- yield returns at once to resume, from inside of nested calls too, and later returns what the next resume is given.
local seen = {}
local function nested(v) seen[#seen + 1] = v return coroutine.yield(2 * v) end
co = coroutine.create(function(a, b)
  seen[#seen + 1] = a .. b
  local r = nested(a + 1)
  seen[#seen + 1] = r
  local r, s = coroutine.yield(a + b, a - b)
  seen[#seen + 1] = r .. s
  return b, "end"
end)
assert(ask(co, 1, 10) == "true 4 nil")
assert(ask(co, "r") == "true 11 -9")
assert(ask(co, "x", "y") == "true 10 end")
assert(ask(co, "x", "y") == "false cannot resume dead coroutine nil")
assert(table.concat(seen, " ") == "110 2 r xy")

-- Two coroutines of one function have locals of their own, and share what the function shares.
local shared = 0
local function counter() local own = 0 while true do own, shared = own + 1, shared + 1 coroutine.yield(own, shared) end end
local one, two = coroutine.create(counter), coroutine.create(counter)
coroutine.resume(one)
assert(ask(two) == "true 1 2" and ask(one) == "true 2 3")

-- wrap returns a function that resumes; what resume would say after true is what it returns. It propagates errors, any value.
local f = coroutine.wrap(function(...) local n = select("#", ...) while true do n = select("#", coroutine.yield(n)) end end)
assert(all(f(1, nil, nil)) == "1:3" and all(f()) == "1:0" and all(f(nil)) == "1:1")
assert(type(f) == "function")
local failure = {}
f = coroutine.wrap(function() error(failure) end)
assert(select(2, pcall(f)) == failure)
f()                                             --> cannot resume dead coroutine

-- status: running for the one that asks, normal for one that resumed another, dead for one that returned or failed.
local outer, inner
outer = coroutine.create(function() coroutine.resume(inner) return coroutine.status(inner) end)
inner = coroutine.create(function() seen = coroutine.status(inner) .. " " .. coroutine.status(outer) end)
assert(ask(outer) == "true dead nil" and seen == "running normal" and coroutine.status(outer) == "dead")

-- A normal coroutine cannot be resumed, nor can the running one; nothing happens to either.
outer = coroutine.create(function() coroutine.resume(inner) return "went on" end)
inner = coroutine.create(function() seen = ask(outer) .. "/" .. ask(inner) end)
assert(ask(outer) == "true went on nil")
assert(seen == "false cannot resume normal coroutine nil/false cannot resume running coroutine nil")

-- running: the coroutine that calls, nil for the main one.
assert(coroutine.running() == nil)
co = coroutine.create(function() return coroutine.running() end)
assert(select(2, coroutine.resume(co)) == co)

-- Every coroutine has a protected call's mercy: one that fails leaves those around it alone, and goes on being looked at.
local log_of = {}
local worker = function(n) return coroutine.wrap(function() for i = 1, 3 do if i == n then error("worker " .. n, 0) end coroutine.yield(i) end return "done" end) end
for n = 1, 4 do
  local step = worker(n)
  local ok, v
  repeat ok, v = pcall(step) log_of[#log_of + 1] = tostring(v) until not ok or v == "done"
end
assert(table.concat(log_of, " ") == "worker 1 1 worker 2 1 2 worker 3 1 2 3 done")

-- A producer, a filter and a consumer.
local function produce(t) return coroutine.wrap(function() for _, v in ipairs(t) do coroutine.yield(v) end end) end
local function filter(source, keep) return coroutine.wrap(function() for v in source do if keep(v) then coroutine.yield(v) end end end) end
local got = {}
for v in filter(produce{1, 2, 3, 4, 5, 6}, function(v) return v % 2 == 0 end) do got[#got + 1] = v end
assert(table.concat(got) == "246")

-- All permutations, from a recursive generator: yield goes through as many calls as there are.
local function permute(a, n)
  if n == 0 then coroutine.yield(table.concat(a)) end
  for i = 1, n do
    a[n], a[i] = a[i], a[n]
    permute(a, n - 1)
    a[n], a[i] = a[i], a[n]
  end
end
got = {}
for p in coroutine.wrap(function() permute({"a", "b", "c"}, 3) end) do got[#got + 1] = p end
assert(table.concat(got, " ") == "bca cba cab acb bac abc")
