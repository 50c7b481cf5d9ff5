-- What the functions of the library return has known fields.

function pre.create_share_instance(call)
  local answer, err = http.get("https://cmdb.example.org/racks")
  if not answer then
    log.warn("no answer", { why = err.message, kind = err.kind, code = err.code }) --> err.code: no such field
    if err.kind == "timed_out" then return end --> err.kind is never "timed_out" (did you mean "timeout"?)
    return
  end
  if answer.ok then return end --> answer.ok: no such field
  if answer.status == 200 then
    local rack = answer:json().rack
    log.info(rack.anything, { kind = answer.headers["content-type"]:lower(), type = answer.headers.type })
  end
  print(answer.boddy, answer:text()) --> answer.boddy: no such field (did you mean "body"?) --> answer.text: no such field
  answer.seen = true
  print(answer.seen)
  print(http.request({ url = "https://cmdb.example.org" }).code) --> http.request(...).code: no such field
end

function pre.extend_share(call)
  local network = cidr.parse("10.0.0.0/8")
  local day = time.date(time.now())
  print(network.first, network.mask, day.year, day.weekday) --> network.mask: no such field --> day.weekday: no such field
  print(os.date("*t").year, (os.date("%d")):lower(), string.format("%d", 1):uper()) --> string.format(...).uper: strings have no method "uper" (did you mean "upper"?)
  if type(call.context) == "tabel" then return end --> type(call.context) is never "tabel" (did you mean "table"?)
  local text, count = ("a"):gsub("a", "b")
  print(text:len(), count + 1, tonumber(text))
  print(tostring(), ("x"):rep(), string.find("a"), math.floor(), table.concat()) --> tostring(value): want at least 1 argument, got 0 --> string.rep(s, n): want at least 2 arguments, got 1 --> string.find(s, pattern [, init [, plain]]): want at least 2 arguments, got 1 --> math.floor(x): want at least 1 argument, got 0 --> table.concat(list [, separator [, first [, last]]]): want at least 1 argument, got 0
  print(tostring(1, 2), math.floor(1.5, 2), math.random(), math.random(5), os.date(), select("#"), error)
  table.insert({}) --> table.insert(list, position, value): want at least 2 arguments, got 1
  table.insert({}, 1)
  reject() --> reject(message [, code]): want 1 to 2 arguments, got 0
end

local function tell(answer) answer.told = true end
local third = http.get("https://cmdb.example.org")
tell(third)
print(third.told)
