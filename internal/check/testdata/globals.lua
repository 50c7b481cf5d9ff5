-- Names that nothing defines.

local limit = 10

function pre.create_snapshot(call)
  if call.args.snapshot.size > limt then --> undefined global "limt" (did you mean "limit"?)
    rejcet("too large") --> undefined global "rejcet" (did you mean "reject"?)
  end
  later(call)
  helper() --> undefined global "helper"
end

-- A global counts as defined wherever the file assigns it.
function later(call)
  counter = (counter or 0) + 1
  return counter
end

Pre = Pre or {}

local function shadow(reject, log)
  local options = { level = 1 }
  options.level = 2
  log.anything(reject.at.all)
  do
    local limt = 3
    print(limt)
  end
  return limt --> undefined global "limt" (did you mean "limit"?)
end

for i = 1, 3 do
  print(i)
end
print(i) --> undefined global "i"

repeat
  local done = shadow()
until done
print(done) --> undefined global "done"


print(None) --> undefined global "None" (did you mean nil?)
print(True) --> undefined global "True" (did you mean true?)
