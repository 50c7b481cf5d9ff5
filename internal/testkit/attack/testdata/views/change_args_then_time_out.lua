-- expect: killed
-- as: hook
-- change_args
function pre.attack(call)
  call.args.size = 999 call.args.extra = { evil = true }
  while true do call.args.items[1].name = "x" end
end
