-- ticket_number.lua: each new share gets a running number in its metadata, such as "NAS-000042".
--
-- A number is never given twice. That of a call which fails is lost: a number that somebody may have seen is not used
-- again. The hook needs change_args = true, so that the driver gets the metadata.
--
-- Options:
--   prefix  default "NAS"

local prefix = options.prefix or "NAS"

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  call.args.share.metadata.ticket = ("%s-%06d"):format(prefix, state.incr("last"))
end
