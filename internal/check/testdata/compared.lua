-- What values of other kinds are compared with.

function pre.create_share_instance(call)
  local share = call.args.share
  if share.size == "600" then return end --> share.size is a number, never "600" (did you mean 600?)
  if "large" ~= share.size or share.size > "5" then return end --> share.size is a number, never "large" --> share.size is a number, never "5" (did you mean 5?)
  if share.id == 17 then return end --> share.id is a string, never 17 (did you mean "17"?)
  if share.metadata == "x" or share.name == true then return end --> share.metadata is a table, never "x" --> share.name is a string, never true
  if #share.name == "0" or share.size == true then return end --> #share.name is a number, never "0" (did you mean 0?) --> share.size is a number, never true
  if share.name:upper() == 5 then return end --> share.name:upper() is a string, never 5 (did you mean "5"?)
  if not share.name == "scratch" then return end --> not share.name is a boolean, never "scratch" (did you mean ~=?)
  if type(share.size) == "nubmer" then return end --> type(share.size) is never "nubmer" (did you mean "number"?)

  -- What may be so: a value that is not there, or false; what comes from elsewhere; texts and numbers that are meant.
  local large = share.size > 100 and share.metadata
  if large == false or share.size == nil or options.max == "600" or options.max == 600 then return end
  if share.size == 600 or share.name == "600" or share.name < "a" or tostring(share.size) == "600" then return end
  if share.metadata.gib == "600" or (tonumber(share.name) or 0) == 5 or call.pre == "x" then return end
  if share.size == options.max or (call.args.parent_share or {}) == large or call.context.seen == 5 then return end
end

function failed.create_share_instance(call, err)
  if err == "timeout" or err == "late" then return end --> err is a table, never "timeout" (did you mean err.kind?) --> err is a table, never "late"
  if err.message == 404 then return end --> err.message is a string, never 404 (did you mean "404"?)
end

function post.create_share_instance(call, result)
  for i, location in ipairs(result.export_locations) do
    if i == "1" or location.preferred == "true" or location.preferred == 1 then return end --> i is a number, never "1" (did you mean 1?) --> location.preferred is a boolean, never "true" (did you mean true?) --> location.preferred is a boolean, never 1
    if location.preferred == true or location.preferred ~= false then return end
  end
  if result.export_locations == "none" then return end --> result.export_locations is a table, never "none"
end

function finally.create_share_instance(call, outcome)
  if outcome == "completed" or outcome.error == "driver" then return end --> outcome is a table, never "completed" (did you mean outcome.status?) --> outcome.error is a table, never "driver" (did you mean outcome.error.kind?)
  if outcome.driver_called == "false" then return end --> outcome.driver_called is a boolean, never "false" (did you mean false?)
end

function periodic(shares, tick)
  if tick == "1" or shares == "none" then return end --> tick is a number, never "1" (did you mean 1?) --> shares is a table, never "none"
end
