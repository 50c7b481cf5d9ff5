-- A call can be refused before the driver is called, not later.

local function refuse()
  reject("no")
end

function pre.create_snapshot(call)
  reject("no")
end

function post.create_snapshot(call, result)
  reject("no") --> reject works in pre only, before the driver is called
  refuse() --> nothing reaches this
end

function failed(call, err)
  if err.source == "hook" then
    reject("no") --> reject works in pre only, before the driver is called
  end
end

function periodic(shares, tick)
  local reject = print
  reject("no")
end
