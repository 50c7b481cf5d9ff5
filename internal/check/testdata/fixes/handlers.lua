-- handlers.lua: functions of which one alone can have the name that is meant.
pre = {
  create_share_instanc = function(call) return call.id end,
  create_share_instance = function(call) return call.id end,
  create_snapsho = function(call) return call.id end,
  create_snapshott = function(call) return call.id end,
}

function post.delete_share_instnce(call) end
function post.delete_share_instanc(call) end
function post.delete_snapsho(call) return post.delete_snapsho, post.extend_shar end

function finaly(call) end
function finallly(call) end
function periodc() end
periodic = nil

local failed = {}
function faild(call, err) end
return failed
