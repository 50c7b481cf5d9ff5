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

log.info()                                --> bad argument #1 to 'info' (value expected)
log.info("x", 5)                          --> bad argument #2 to 'info' (table expected, got number)
log.warn("x", {1, 2})                     --> bad argument #2 to 'warn' (table with string keys expected, got a list)
log.info("x", {f = print})                --> fields.f: want data, got function
log.info("x", {n = 0/0})                  --> fields.n: want a finite number
log.fatal("x")                            --> attempt to call field 'fatal' (a nil value)
log.info(setmetatable({}, {__tostring = function() error("not to be shown") end}))  --> not to be shown

function test_views_are_logged(share)
  log.info("share", share.places[2])      --| info share {"admin":true,"path":"two"}
  log.info("meta", {meta = share.metadata, first = share.paths[1]})  --| info meta {"first":"/c","meta":{"owner":"ann","zone":"z1"}}
end
