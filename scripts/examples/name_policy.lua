-- name_policy.lua: names of new shares and snapshots follow a pattern.
--
-- Options:
--   pattern     what a name must match whole, as a Lua pattern
--               (default "[a-z][a-z0-9-]*": lower case letters, digits and hyphens, a letter first)
--   max_length  in bytes (default 63)
--   required    whether a share or snapshot must have a name (default false)
--
-- A refused call ends with the code "bad_name".

for key in pairs(options) do
  if key ~= "pattern" and key ~= "max_length" and key ~= "required" then -- a typo would be a rule that is not there
    error(("unknown option %q: want pattern, max_length and required"):format(key))
  end
end
local pattern = "^" .. (options.pattern or "[a-z][a-z0-9-]*") .. "$"
local max_length = options.max_length or 63
local required = options.required == true

---@param kind string
---@param name string
local function check(kind, name)
  if name == "" then
    if required then
      reject(kind .. " has no name", "bad_name")
    end
    return
  end
  if #name > max_length then
    reject(("%s name is longer than %d bytes"):format(kind, max_length), "bad_name")
  elseif not name:find(pattern) then
    reject(("%s name %q does not match %s"):format(kind, name, pattern), "bad_name")
  end
  log.debug(kind .. " name is fine", { name = name })
end

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  check("share", call.args.share.name)
end

---@param call hookrun.call.create_snapshot
function pre.create_snapshot(call)
  check("snapshot", call.args.snapshot.name)
end
