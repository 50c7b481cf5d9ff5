-- Members of libraries, host objects and strings.

log.warm("x") --> log.warm: no such function (did you mean "warn"?)
local upper = string.uper --> string.uper: no such function (did you mean "upper"?)
table.isnert({}, upper) --> table.isnert: no such function (did you mean "insert"?)
json.encode(json["decod"]) --> json.decod: no such function (did you mean "decode"?)
print(cidr.contain("10.0.0.0/8", "10.0.0.1")) --> cidr.contain: no such function (did you mean "contains"?)
print(crypto.sha265("x"), bit.bnad(1, 2)) --> crypto.sha265: no such function (did you mean "sha256"?) --> bit.bnad: no such function (did you mean "band"?)
print(time.now(), time.parse("now"), time.fromat(0)) --> time.fromat: no such function (did you mean "format"?)
mailer:Send("x")
mailer:Sent("x") --> mailer.Sent: no such function (did you mean "Send"?)

-- A script may add to its own copy of a library.
function string.trim(s)
  return s:match("^%s*(.-)%s*$")
end
print(string.trim(" x "))

-- Strings get what it added.
print(("x"):trim())
print(("x"):trin()) --> a string.trin: strings have no method "trin"
print((" x "):match("%S"), ("x").len)

function pre.create_snapshot(call)
  local name = call.args.snapshot.name
  print(name:lower(), name:lowwer()) --> name.lowwer: strings have no method "lowwer" (did you mean "lower"?)
end

-- What the file assigns anew is its own.
os = { exit = print }
os.exit(1)
os.whatever()

-- A library that is handed on may get anything.
local function extend(library)
  library.anything = print
end
extend(math)
math.anything(1)
