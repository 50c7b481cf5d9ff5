-- globals.lua: globals, some of which can be local.
function pre.create_share_instance(call)
  count = 0; size = call.args.share.size
  for i = 1, 3 do count = count + i end
  name = call.args.share.name
  print(count, size, name)
  if size > 1 then
    big = true
  end
  print(big)
  unit
  = "GiB"
  print(unit)
  repeat
    last = size
  until last
  self_made = function() return self_made end
  print(self_made)
end

function post.create_share_instance(call)
  goto done
  later = 1
  ::done::
  print(later)
end
