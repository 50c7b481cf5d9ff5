-- grow.lua: has no effects; changes the arguments and the result.
--
-- Options: by, how much
function pre.change(call)
  call.args.share.size = call.args.share.size + options.by
  return "grown"
end

function post.change(call, result)
  if call.pre ~= "grown" then error("call.pre: want grown, got " .. tostring(call.pre)) end
  result.size = result.size + 100 * options.by
end
