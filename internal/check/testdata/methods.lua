-- Functions for methods that the service does not have.

function pre.create_snapshto(call) end --> pre.create_snapshto: the service has no method "create_snapshto" (did you mean "create_snapshot"?)

function post.create_share_group(call, result) -- the service's own method, free-form
  result.anything = call.args.what.ever
end

pre.delete_share = function(call) end --> pre.delete_share: the service has no method "delete_share"
pre["extend_share"] = function(call)
  print(call.args.new_sise) --> call.args.new_sise: no such field (did you mean "new_size"?)
end

failed = {
  extend_share = function(call, err)
    print(call.args.new_size, err.mesage) --> err.mesage: no such field (did you mean "message"?)
  end,
  extend_shares = function() end, --> failed.extend_shares: the service has no method "extend_shares" (did you mean "extend_share"?)
}

pre.shrink_share = pre.init_host

for _, method in ipairs({ "manage_share", "unmanage_share" }) do
  pre[method] = pre.init_host
end

local post = {}
function post.anything() end
post.anything()
