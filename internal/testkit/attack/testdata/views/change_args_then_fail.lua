-- expect: error
-- as: hook
-- change_args
function pre.attack(call)
  call.args.size = 999 call.args.items = {} call.args.extra.evil = true
  error("half way")
end
