-- create.lua: what people get wrong around the creation of a share. Each line says which mistakes it has.

local texts = require "txets" --> unknown-module
local quota = require "quota"
local max_gib = options.max_gb --> unset-option
local spare = 5 --> unused-local

local total = function(list)
  local sum = 0
  for _, item in ipairs(list) do
    if type(item) == "tabel" then --> impossible-value
      sum = sum + total(item) --> undefined-global
    end
  end
  return sum
end

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  local share = call.args.share
  if share.szie > max_gib then --> unknown-field
    reject("too large")
  end
  share.size = 10 --> dropped-change
  if share.share_proto:uper() == "NFS" then --> unknown-function
    log.wran("a share of NFS") --> unknown-function
  end
  rounds = total(share.export_locations) --> accidental-global
  rounds = rounds + 1
  if quota.limti(options, share.project_id) < rounds then --> unknown-function
    return texts.refused(rounds)
  end
  if call.method == "create_share" then --> impossible-value
    os.exit(1) --> not-in-hooks
  end
  state.set("last") --> argument-count
  string.rep("x") --> argument-count
  for _, place in ipairs(share.export_locations) do
    local share = place.path --> shadowed
    log.debug(share)
  end
  call.context.user_id = "root" --> read-only
  return share
end

function pre.create_share_instanze(call) --> unknown-method
  return call.args
end

function post.create_share_instance(call, result)
  result = { export_locations = {} } --> dropped-change
end
