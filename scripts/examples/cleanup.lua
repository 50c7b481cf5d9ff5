-- cleanup.lua: what a call that failed may have left behind is looked after.
--
-- The driver may have begun to make a share or snapshot before it failed, or before the service was killed. An event
-- tells whoever cleans up, who must ask the driver first: a call that failed says nothing of the same share that
-- another call makes. Certain is whether the call has failed for sure; it is false for one that was interrupted, which
-- may have done its work. A call that a hook refused has left nothing, nor has one that found what it should make: the
-- share that the driver has then is that of another call, such as the first one, which the service repeats.
--
-- The hook is for calls that make something: methods = ["create_share_instance", "create_snapshot"]

---@param call hookrun.Call
---@return string id of what is made: a share that is made from a snapshot has both in its args
local function made(call)
  return (call.args.share or call.args.snapshot).id
end

-- What is begun is remembered, in case that this process does not live to see its end, under a key that no other call
-- deletes, nor one of another process. Where the post of a hook in front of this one fails, nothing deletes the key: it
-- goes by itself.
---@param call hookrun.Call
---@return string key
function pre(call)
  local key = made(call) .. "/" .. crypto.uuid()
  state.set(key, { method = call.method, request_id = call.context.request_id }, { ttl = 24 * 3600 })
  return key
end

---@param call hookrun.Call
local function forget(call)
  if call.pre then -- which is nil where pre failed and that was suppressed
    state.delete(call.pre)
  end
end

---@param call hookrun.Call
function post(call)
  forget(call)
end

---@param call hookrun.Call
---@param err hookrun.Failure
function failed(call, err)
  forget(call)
  if err.source ~= "hook" and err.code ~= "exists" then
    local certain = err.code ~= "interrupted"
    events.publish("cleanup.wanted", { method = call.method, why = err.message, certain = certain })
  end
end
