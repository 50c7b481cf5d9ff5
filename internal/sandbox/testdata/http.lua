-- http.get and http.request, with a world that answers with what it was asked.

local function asked(r)
  assert(r.status == 200)
  return r:json()
end

-- A response has a status, header fields by their names in lower case, and a body.
local r = http.get("http://a.example/x")
assert(r.status == 200 and r.headers["content-type"] == "application/json" and r.headers["x-a"] == "1, 2")
assert(type(r.body) == "string" and r.json().url == "http://a.example/x" and r:json().method == "GET")
local keys = {}
for k in pairs(r) do keys[#keys + 1] = k end
table.sort(keys)
assert(table.concat(keys, " ") == "body headers status", "json is no data")
assert(json.decode(json.encode(r)).status == 200)
log.info("answer", { status = r.status, headers = r.headers })  --| info answer {"headers":{"content-type":"application/json","x-a":"1, 2"},"status":200}

-- Any status is an answer.
local missing = http.get("http://text")
assert(missing.status == 404 and missing.body == "no such page" and next(missing.headers) == nil)
missing.json()                                     --> not JSON: invalid character

-- What is asked for.
local q = asked(http.get("http://a", { headers = { ["X-Token"] = "t", N = 7 }, timeout = 1.5 }))
assert(q.timeout == 1.5 and q.headers["x-token"] == "t" and q.headers.n == "7" and q.body == "")
assert(asked(http.get("http://a", nil)).timeout == 0)
q = asked(http.get("http://a/p?z=0#part", { query = { b = "x y&", a = { 1, true, "ö" }, n = 2 ^ 53 } }))
assert(q.url == "http://a/p?z=0&a=1&a=true&a=%C3%B6&b=x+y%26&n=9007199254740992", q.url)
assert(asked(http.get("http://a#part", { query = { a = 1 } })).url == "http://a?a=1")
assert(asked(http.get("http://a", { query = {}, headers = {} })).url == "http://a")
q = asked(http.request { url = "http://a", method = "post", body = "text" })
assert(q.method == "POST" and q.body == "text" and q.headers["content-type"] == nil)
q = asked(http.request { url = "http://a", method = "PUT", json = { b = { 1, null }, a = {} } })
assert(q.body == '{"a":{},"b":[1,null]}' and q.headers["content-type"] == "application/json")
q = asked(http.request { url = "http://a", method = "PUT", json = null, headers = { ["CONTENT-TYPE"] = "application/merge-patch+json" } })
assert(q.body == "null" and q.headers["content-type"] == "application/merge-patch+json")
assert(asked(http.request { url = "http://a", method = "PUT", json = false }).body == "false")
assert(asked(http.request { url = "http://a" }).method == "GET")

-- Whether a URL is one, whoever makes the request says.
assert(asked(http.get("")).url == "" and asked(http.request { url = "" }).url == "")

-- Views serve as tables do.
function test_views(share)
  local seen = asked(http.request { url = "http://a", method = "POST", json = { share.places, options.nested } })
  assert(seen.body == '[[{"admin":false,"path":"one"},{"admin":true,"path":"two"}],{"deep":{"er":1.5}}]', seen.body)
  local tags = asked(http.get("http://a", { query = { tag = options.tags, size = share.size } })).url
  assert(tags:find("tag=a&tag=b", 1, true), tags)
  assert(asked(http.get("http://a", { headers = share.metadata })).headers.owner == "ann")
end

-- A request without an answer is nil and an error, which reads as its message.
local none, err = http.get("http://down")
assert(none == nil and err.kind == "connect" and err.message == "GET http://down: connection refused")
assert(tostring(err) == err.message and "so: " .. err == "so: " .. err.message and err .. 1 == err.message .. "1")
assert(err .. err == err.message .. err.message)
log.warn(err)                                      --| warn GET http://down: connection refused
log.warn("no owner", err)                          --| warn no owner {"kind":"connect","message":"GET http://down: connection refused"}
error(err)                                         --> GET http://down: connection refused
assert(http.get("http://down"))                    --> GET http://down: connection refused
local _, refused = http.get("http://forbidden")
assert(refused.kind == "refused")
assert(getmetatable(err) == false, "all scripts share it")
setmetatable(err, nil)                             --> cannot change a protected metatable
local _ = err .. {}                                --> attempt to concatenate a table value
local _ = err .. nil                               --> attempt to concatenate a nil value
err.message = nil
assert(tostring(err) == "an error of http")
assert(asked(http.get("http://a", { query = { a = {} } })).url == "http://a")

-- Mistakes of the script raise errors.
http.get("http://broken")                          --> this program makes no requests
http.get()                                         --> bad argument #1 to 'get' (string expected, got no value)
http.get("http://a", 1)                            --> bad argument #2 to 'get' (table expected, got number)
http.get("http://a", { header = {} })              --> no such key of a request: "header" (did you mean "headers"?)
http.get("http://a", { body = "x" })               --> no such key of a request: "body"
http.get("http://a", { headers = "x" })            --> headers: want a table, got string
http.get("http://a", { headers = { "x" } })        --> want texts as keys, got a number
http.get("http://a", { headers = { a = {} } })     --> headers.a: want a text, got table
http.get("http://a", { headers = { A = 1, a = 2 } })  --> headers: "a" is there twice
http.get("http://a", { query = { a = print } })    --> query.a: want a text, got function
http.get("http://a", { query = { a = { {} } } })   --> query.a: want a text, got table
http.get("http://a", { query = { a = ("x"):rep(9000) } })  --> query: want at most 8192 bytes
http.get("http://a", { timeout = 0 })              --> want seconds above 0, got 0
http.get("http://a", { timeout = 0/0 })            --> want seconds above 0, got
http.get("http://a", { timeout = "soon" })         --> want seconds above 0, got string
http.get(("x"):rep(9000))                          --> url: want at most 8192 bytes, got 9000
http.request()                                     --> bad argument #1 to 'request' (table expected, got no value)
http.request {}                                    --> url: want a text, got none
http.request { url = print }                       --> url: want a text, got function
http.request { url = "http://a", json = 1, body = "x" }  --> want json or body, got both
http.request { url = "http://a", json = print }    --> json: want data, got function
http.request { url = "http://a", json = { a = 0/0 } }    --> json.a: want a finite number
http.request { url = "http://a", json = { a = "\233" } }  --> json.a: want text in UTF-8, got the byte \xe9
http.request { url = "http://a", body = {} }       --> body: want a text, got table
http.request { "http://a" }                        --> want texts as keys, got a number
http.request { url = "http://a", [("x"):rep(2000)] = 1 }  --> want keys of at most 1024 bytes, got 2000
