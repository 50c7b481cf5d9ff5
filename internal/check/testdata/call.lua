-- The fields of call, err, service and options.

function pre(call)
  print(call.id, call.service, call.phase, call.generation, call.dry_run, call.pre, call.pre_error)
  print(call.project_id) --> call.project_id: no such field (did you mean "context.project_id"?)
  print(call.nothing, call.args.anything.at.all) --> call.nothing: no such field
  print(call.context.request_id, call.context.anything)
  print(call.arg) --> call.arg: no such field (did you mean "args"?)
  call.method = "x" --> call.method: read only
  call.args = {} --> call.args: read only
  call.context.seen = true --> call.context.seen: read only
  call.args.anything = 1
  options.max = 1 --> options.max: read only
  options.list[1].x = 1 --> options.list[1].x: read only
  options[call.id] = nil --> options[...]: read only
  table.insert(options.list, 1) --> options.list: read only
  table.sort(options.list or {})
  service.name = "x" --> service.name: read only
  print(service.host, service.hots) --> service.hots: no such field (did you mean "host"?)
  local list = options.list or {}
  list[1] = 2
end

function post(call, result)
  call.pre.anything = result.anything
  result.anything = call.pre.left
end

function failed(call, err)
  print(err.message, err.code, err.hook, err.kind)
  if err.source == "engine" and err.kind == "interrupted" or err.kind == "store" then return end
  if err.source == "drvier" then --> err.source is never "drvier" (did you mean "driver"?)
    err.message = call.method --> err.message: read only
  elseif "timeout" == err.kind or err.kind == "rejcted" then --> err.kind is never "rejcted" (did you mean "rejected"?)
    print(call.phase ~= "failed")
  end
  if call.method == "create_share" or call.method == "create_share_group" then --> call.method is never "create_share"
    print(call.method == options.method)
  end
end
