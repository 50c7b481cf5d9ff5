-- log and print.

log.info("hello")                         --| info hello
log.debug("d") log.warn("w")              -- two on one line
--                                        --| debug d
--                                        --| warn w
log.error("broken", {code = 5})           --| error broken {"code":5}
log.info("fields", {b = {1, 2}, a = {c = null}})  --| info fields {"a":{"c":null},"b":[1,2]}
log.info("none", {})                      --| info none {}
log.info("nil", nil)                      --| info nil
log.info(nil)                             --| info nil
log.info(12.5)                            --| info 12.5
log.info(null)                            --| info null
log.info(setmetatable({}, {__tostring = function() return "shown" end}))  --| info shown
log.info("options", options)              --| info options {"empty":[],"limit":10,"nested":{"deep":{"er":1.5}},"tags":["a","b"]}
log.info("more", {a = 1}, "ignored")      --| info more {"a":1}

print()                                   --| info
print("a", 1, nil, true, null)            --| info a	1	nil	true	null
print(setmetatable({}, {__tostring = function() return "shown" end}))  --| info shown

-- The fields are copied: what the script does to the table later does not matter.
local fields = {n = 1}
log.info("copied", fields)                --| info copied {"n":1}
fields.n = 2

-- A line never ends a call: what is no data is said in words.
log.info()                                --| info (no message)
log.info("x", 5)                          --| info x {"value":5}
log.info("a", "b")                        --| info a {"value":"b"}
log.info("x", print)                      --| info x {"value":"(function)"}
log.warn("x", {1, 2})                     --| warn x {"1":1,"2":2}
log.info("x", {[3] = "c", [true] = 1, k = 2})  --| info x {"3":"c","k":2,"true":1}
log.info("x", {f = print, co = coroutine.create(function() end)})  --| info x {"co":"(thread)","f":"(function)"}
log.info("use", {percent = 100 * 0/0, most = math.huge, least = -math.huge})  --| info use {"least":"-inf","most":"inf","percent":"nan"}
local own = {n = 1}
own.own = {own}
log.info("cycle", {own = own})            --| info cycle {"own":{"n":1,"own":["(a table that contains itself)"]}}
log.info("twice", {a = fields, b = fields})  --| info twice {"a":{"n":2},"b":{"n":2}}
log.info("keys", {[{}] = 1, list = {[1] = "a", [3] = "c"}, mixed = {1, x = 2}})  --| info keys {"(table)":1,"list":{"1":"a","3":"c"},"mixed":{"1":1,"x":2}}
log.info("same", {["1"] = "a", [1] = "b"})  --| info same {"(string 1)":"a","1":"b"}
log.info("empty", {list = json.decode("[]"), map = {}})  --| info empty {"list":[],"map":{}}
log.info(setmetatable({}, {__tostring = function() error("no text", 0) end}))  --| info (table: __tostring failed: no text)
print("a", setmetatable({}, {__tostring = function() return {} end}))  --| info a	(table: __tostring returned no text but a table value)
print(setmetatable({}, {__tostring = function() error({}) end}))  --| info (table: __tostring failed: a table value)
log.fatal("x")                            --> attempt to call field 'fatal' (a nil value)

function test_views_are_logged(share)
  log.info("share", share.places[2])      --| info share {"admin":true,"path":"two"}
  log.info("meta", {meta = share.metadata, first = share.paths[1]})  --| info meta {"first":"/c","meta":{"owner":"ann","zone":"z1"}}
end
