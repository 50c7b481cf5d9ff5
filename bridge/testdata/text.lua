-- Times, bytes and what marshals as text read as strings.

--- times read as RFC 3339 in their own zone, zero ones as nil
-- result: times
assert(result.at == "2026-01-02T03:04:05+01:00" and result.ended == "2026-01-02T03:04:05.000006Z" and result.never == nil)
assert(#result.all == 3 and result.all[1] == "2026-01-02T03:04:05.000006Z" and result.all[2] == null)
--[[unchanged]]

--- times are written as RFC 3339
-- result: times
result.at = "2027-01-02T03:04:05.5+02:00"
result.never = "2027-01-02T03:04:05Z"
result.ended = nil
result.all[4] = "2028-01-01T00:00:00Z"
result.at = "2027-01-02"             --> result.at: want time (RFC 3339), got "2027-01-02"
result.ended = {}                    --> result.ended: want time (RFC 3339), got table
--[=[result {"at": "2027-01-02T03:04:05.5+02:00", "never": "2027-01-02T03:04:05Z", "ended": null,
  "all": ["2026-01-02T03:04:05.000006Z", "0001-01-01T00:00:00Z", "2027-01-02T03:04:05.000006Z", "2028-01-01T00:00:00Z"], "...": 0}]=]

--- times that moved within their list are the same times
-- result: times
result.all[1], result.all[3] = result.all[3], result.all[1]
--[=[result {"all": ["2027-01-02T03:04:05.000006Z", "0001-01-01T00:00:00Z", "2026-01-02T03:04:05.000006Z"], "...": 0}]=]

--- bytes read as strings, a nil one as nil
-- result: times
assert(result.data == "a\0\255" and #result.data == 3 and result.none == nil and result.empty == "")
assert(result.token == "tok" and result.octets == "ok")
assert(#result.chunks == 3 and result.chunks[1] == "x" and result.chunks[2] == null and result.chunks[3] == "")
--[[unchanged]]

--- bytes are written as strings
-- result: times
result.data, result.none, result.empty = "\0\1", "new", nil
result.token, result.octets = "t2", "no"
result.chunks[2] = "y"
table.remove(result.chunks, 1)
result.data = { 1, 2 }               --> result.data: want string, got table
assert(result.data == "\0\1" and result.octets == "no")
--[=[result {"data": "AAE=", "none": "bmV3", "empty": null, "token": "dDI=", "octets": "bm8=", "chunks": ["eQ==", ""], "...": 0}]=]

--- text marshalers read as their text
-- result: times
assert(result.addr == "::1" and result.addrs[1] == "10.0.0.1" and result.addrs[2] == "" and result.prefix == "10.0.0.0/8")
assert(result.level == "high" and result.levels[1] == "low" and result.level_of.a == "high" and result.mode == "rw")
assert(result.shout == "HEY" and result.strange.one == "ONE" and result.frozen == "frozen")
--[[unchanged]]

--- text marshalers are written as text, checked by the type
-- result: times
result.addr, result.prefix, result.level, result.mode, result.shout = "10.0.0.2", "10.1.0.0/16", "low", "ro", "Ho"
result.addrs[2] = "10.0.0.3"
table.insert(result.levels, "low")
result.level_of.b = "low"
result.strange.two = "Two"
result.level = "middle"              --> result.level: "middle" does not fit: no level
result.prefix = "10.0.0.0"           --> result.prefix: "10.0.0.0" does not fit: netip.ParsePrefix("10.0.0.0"): no '/'
result.frozen = "free"               --> result.frozen: cannot be set
result.frozen = "frozen"
result.level = 1                     --> result.level: want string, got number
table.insert(result.levels, "none")  --> result.levels[4]: "none" does not fit: no level
--[=[result {"addr": "10.0.0.2", "prefix": "10.1.0.0/16", "level": "low", "mode": "ro", "shout": "HO", "addrs": ["10.0.0.1", "10.0.0.3"],
  "levels": ["low", "high", "low"], "level_of": {"a": "high", "b": "low"}, "strange": {"one": "ONE", "two": "TWO"}, "...": 0}]=]

--- a string stays a string
-- result: share
result.name = "5"
result.State = "\255\0"
result.metadata.s = "7"
assert(result.name == "5" and result.metadata.s == "7")
--[=[result {"title": "5", "State": "\ufffd\u0000", "metadata": {"s": "7", "...": 0}, "...": 0}]=]
