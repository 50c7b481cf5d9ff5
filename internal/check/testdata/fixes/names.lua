-- names.lua: names in whose place another cannot always stand.
local this_too = 1
local limit = limt or this_too
local stuff = { size = 1 }

function pre.create_share_instance(call)
  log.info(call.args.size, call.args["size"])
  log.info(call.args.parent_share_id, call.share)
  log.info(call.args["shar"], call.args.shar, call.args['shar'])
  call.share = nil
  log.info(call.args:size(), call.args:shar())
  log.info(call["share"], call . share, call.args. share_server_name)
  log.info(None, this, True, NULL.x, undefined(), NULL .. "x")
  local id = idd
  lmit(stuff) local lmit2 = 1
  print(lmit2, id, limit)
  if call.method == [[create_share]] or call.method == 'create_snapshots' then return None end
  log.wran("x") log["wran"]("x") log["wran"] "x"
  return stuff:size(), tostrng(1), tostrng"x", tostrng{}
end

function pre.extend_share(call)
  log.info(call.args.backend_details, call.args["backend_details"])
  call.args.backend_details = 1
  return call.args:backend_details()
end

function stuff.get(self)
  return this.size, this
end
