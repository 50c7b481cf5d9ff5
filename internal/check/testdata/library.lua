-- Members of libraries, host objects and strings.

log.warm("x") --> log.warm: no such function (did you mean "warn"?)
local upper = string.uper --> string.uper: no such function (did you mean "upper"?)
table.isnert({}, upper) --> table.isnert: no such function (did you mean "insert"?)
json.encode(json["decod"]) --> json.decod: no such function (did you mean "decode"?)
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
