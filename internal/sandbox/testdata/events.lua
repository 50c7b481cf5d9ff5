-- events and metrics: what a hook tells. The log lines say what the engine gets.

local id = events.publish("share.made", {size = 5}) --| info event share.made {"size":5}
assert(id == "event-1")
events.publish("x", null, {subject = "s-1", id = "own", when = "always"}) --| info event x null of s-1 as own, always
events.publish("x", {}, {subject = 12}) --| info event x {} of 12
events.publish("x", {}, {}) --| info event x {}
events.publish(12, "text") --| info event 12 "text"
events.publish()                 --> bad argument #1 to 'publish' (string expected, got no value)
---- no data
events.publish("x")              --> bad argument #2 to 'publish' (value expected)
---- an empty type
events.publish("", {})           --> bad argument #1 to 'publish' (type of event: want a text that is not empty)
---- a type that is no line
events.publish("a\nb", {})       --> bad argument #1 to 'publish' (type of event: want a line of text, got "a\nb")
---- a type that is too long
events.publish(("t"):rep(257), {}) --> bad argument #1 to 'publish' (type of event: want at most 256 bytes, got 257)
---- data that JSON cannot hold
events.publish("x", {f = print}) --> data.f: want data, got function
---- text that JSON cannot hold
events.publish("x", {a = "caf\233"}) --> data.a: want text in UTF-8, got the byte \xe9
---- an unknown option
events.publish("x", {}, {Subject = "s"}) --> bad argument #3 to 'publish' (want fields subject, id, when, got "Subject" (did you mean "subject"?))
---- options that are no table
events.publish("x", {}, {[("\1"):rep(1e6)] = 1}) --> got "\x01\x01
events.publish("x", {}, options.nested) --> bad argument #3 to 'publish' (want fields subject, id, when, got "deep")
local unknown = select(2, pcall(events.publish, "x", {}, {[("\1"):rep(1e6)] = 1}))
assert(#unknown < 1000, #unknown)
events.publish("x", {}, "s")     --> bad argument #3 to 'publish' (table expected, got string)
---- an unknown time
events.publish("x", {}, {when = "never"}) --> bad argument #3 to 'publish' (when: want "always", got "never")
---- an outbox that is full
pcall(events.publish, "full", {}) --> store: the outbox is full
---- metrics
metrics.count("calls") --| info count calls 1
metrics.count("calls", 2.5, {method = "m", admin = true, n = 3}) --| info count calls 2.5 map[admin:true method:m n:3]
metrics.gauge("level", -1) --| info gauge level -1
metrics.observe("seconds", 0.25, {}) --| info observe seconds 0.25
metrics.gauge("level")           --> bad argument #2 to 'gauge' (number expected, got no value)
---- a count that goes back
metrics.count("calls", -1)       --> bad argument #2 to 'count' (want a finite number of 0 or more, got -1)
---- a measure that is no number
metrics.observe("x", 0/0)        --> bad argument #2 to 'observe' (want a finite number, got NaN)
---- a label that is no text
metrics.count("x", 1, {a = {}})  --> bad argument #3 to 'count' (label "a": want a string)
---- labels without names
for _, labels in ipairs{{[("\1"):rep(1e6)] = {}}, {[("\1"):rep(1e6)] = 1}} do
  local long = select(2, pcall(metrics.count, "x", 1, labels))
  assert(long:find('label "\\x01', 1, true) and #long < 1000, #long)
end
metrics.count("x", 1, {"a"})     --> bad argument #3 to 'count' (want at most 10 labels by name)
---- labels from the call
function test_labels(share)
  metrics.count("x", 1, share.metadata) --| info count x 1 map[owner:ann zone:z1]
end
