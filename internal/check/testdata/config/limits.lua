-- What the config of two hooks says of this script: see TestWhatAScriptDoesIsComparedWithItsConfig.

local limit = options.max_gib
local unit = options.unti --> options.unti: the config of small, large does not set it (did you mean "unit"?)
local label = options.label .. "!" --> options.label: the config of large does not set it
local strict, mode = options.strict == true, options.mode or "soft"
local size, other = tonumber(options.size) or 1, options.other
if options.verbose then print(limit, unit, label, strict, mode, size, other) end
if not options.colour then print(options.color or "none") end --> options.colour: the config of small, large does not set it (did you mean "coulour"?) --> options.color: the config of small, large does not set it (did you mean "coulour"?)

function pre.create_share_instance(call)
  call.args.share.name = "x" --> call.args.share.name: the change is dropped, since the config does not say change_args = true
  local share = call.args.share
  share.size = 1 --> share.size: the change is dropped, since the config does not say change_args = true
  for _, e in ipairs(call.args.share.export_locations) do
    e.path = "/" --> e.path: the change is dropped, since the config does not say change_args = true
  end
  table.insert(share.export_locations, {}) --> share.export_locations: the change is dropped, since the config does not say change_args = true
  http.get("https://cmdb.example.org/racks/" .. share.id)
  http.get("https://cdmb.example.org/racks/" .. share.id) --> allow_http of the config does not list https://cdmb.example.org
  pcall(http.get, "http://cmdb.example.org") --> allow_http of the config does not list http://cmdb.example.org
  http.get("https://cmdb.example.org" .. share.id)
  http.request({ method = "POST", url = "https://cmdb.example.org/x" }) --> POST is not allowed: allow_http_writes is false
  events.publish("share.created", {})
  events.publish("shares.created", {}) --> no sink of the config takes events of the type "shares.created"
  events.publish("shares." .. call.method, {})
end

function post.create_share_instance(call, result)
  result = { size = 1 } --> assigning to "result" changes nothing: set fields of it, or return the new result
end

function post.extend_share(call, result)
  result = result or call.args.share
  return result
end

function post.create_snapshot(call)
  call.args.snapshot.size = 1 --> call.args.snapshot.size: the change is dropped, since only pre changes arguments
end

function periodic(shares)
  for _, share in ipairs(shares) do
    share.size = 1 --> share.size: the change is dropped, since shares are not periodic's to change
  end
end

function finally(call)
  call = nil --> assigning to "call" changes nothing: set fields of call.args
end
