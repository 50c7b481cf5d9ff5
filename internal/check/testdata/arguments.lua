-- How many arguments the functions of hookrun's own library take, and which options.

events.publish("share.made") --> events.publish(type, data [, options]): want 2 to 3 arguments, got 1
events.publish("share.made", { n = 1 }, { subject = "s-1", id = "1", when = "always" })
events.publish("share.made", {}, { Subject = "s-1" }) --> options.Subject of events.publish: no such field (did you mean "subject"?)
state.set("key", 1, { tll = 5, ttl = 6 }) --> options.tll of state.set: no such field (did you mean "ttl"?)
state.set("key") --> state.set(key, value [, options]): want 2 to 3 arguments, got 1
state.incr("key", 1, 2) --> state.incr(key [, by]): want 1 to 2 arguments, got 3
for key in state.each() do state.delete(key) end
for key in state.each("a/", 1) do state.delete(key) end --> state.each([prefix]): want at most 1 argument, got 2
print(crypto.hex(), crypto.uuid(1)) --> crypto.hex(bytes): want 1 argument, got 0 --> crypto.uuid(): want no arguments, got 1
print(bit.band(), bit.band(1), bit.band(1, 2, 3)) --> bit.band(a, ...): want at least 1 argument, got 0
print(time.now(), time.format(0, "%d", "UTC"), re.match("a")) --> re.match(text, pattern [, init]): want 2 to 3 arguments, got 1
print(time.date(0, "UTC", 1)) --> time.date(seconds [, zone]): want 1 to 2 arguments, got 3
metrics.gauge("level") --> metrics.gauge(name, value [, labels]): want 2 to 3 arguments, got 1
metrics.gauge("level", 1, { any = "label" })
local answer = http.get("https://cmdb.example.org", { header = {} }) --> options.header of http.get: no such field (did you mean "headers"?)
answer = http.request { url = "https://cmdb.example.org", methd = "GET" } --> request.methd of http.request: no such field (did you mean "method"?)
print(answer)

-- What stands for any number of arguments may be enough of them.
local function both() return "share.made", {} end
local function pass(...) events.publish(...) events.publish("x", ...) state.set((both())) end --> state.set(key, value [, options]): want 2 to 3 arguments, got 1
events.publish(both())
pass(both())
events.publish("x", {}, {}, both())
events.publish("x", {}, {}, 1, both()) --> events.publish(type, data [, options]): want 2 to 3 arguments, got 4

-- Options that cannot be seen may be any.
local options_of_mine = { what = 1 }
state.set("key", 1, options_of_mine)
state.set("key", 1, { [answer] = 1, 5 })

-- What a script defines anew is its own.
function cidr.contains() return true end
print(cidr.contains())
