function pre.create_share_group(call)
  if #call.args.shares == 0 then reject("a group of nothing: " .. labels:Of(call.args.id)) end
  log.debug("group", { size = call.args.size })
end
