-- Code that does nothing, or not what it seems to.

local used, unused = 1, 2 --> nothing reads the local variable "unused"
local first, last = 1, 2
local function helper() end --> nothing reads the local variable "helper"
local _ignored = 1
local set --> nothing reads the local variable "set"
set = 1
local ok, why = pcall(print)

function pre.create_snapshot(call)
  count = 0 --> "count" is global, but used in this function only, which sets it first: write local
  for i = 1, 3 do count = count + i end
  rounds = (rounds or 0) + 1
  both, kept = 1, 2 --> "both" is global, but used in this function only, which sets it first: write local
  if call.args.snapshot then both = 3 else return end
  log.info("x", { both, used, last, why })
  local used = 2 --> the local variable "used" hides that of line 3
  local last = last or 3
  do
    local used = 4 --> the local variable "used" hides that of line 18
    print(used, last)
  end
  print(used)
  typo = 1 --> nothing reads the global "typo"
  if used then
    error("no")
    print("never") --> nothing reaches this
  end
  while true do
    if last then break end
    do return end
    last = nil --> nothing reaches this
  end
  if used then return 1 else return 2 end
  print("never") --> nothing reaches this
end

function pre.delete_snapshot()
  for _, name in ipairs({ "a" }) do
    if name == "a" then goto continue end
    do break end
    ::continue::
  end
  return kept, rounds
end

function post.create_snapshot()
  kept = 1
  local silenced = 1 -- hookrun: ignore unused-local
  -- hookrun: ignore unused-local, shadowed
  local first = 2
  local third = 1 -- hookrun: ignore shadowed --> nothing reads the local variable "third"
  print(first) -- hookrun: ignore unused-locals --> there is no kind of mistakes "unused-locals" (did you mean "unused-local"?)
end

local _taken = 1
function post.delete_snapshot(call)
  local taken = 1 --> nothing reads the local variable "taken"
  label = call.id
  log.info(_G.label)
  log.info(label .. call.args.snapshot.nmae .. call.args.snapshot.nmae, _taken) --> call.args.snapshot.nmae: no such field (did you mean "name"?) --> call.args.snapshot.nmae: no such field (did you mean "name"?)
  -- hookrun: ignore unused-local
  -- what follows is for later

  local later = 1
end
