-- expect: ok
-- as: hook
-- change_args
function pre.attack(call)
  call.args.size = 11
  call.args.items[1].meta.n = "changed"
  call.args.extra.map.deep.er = false
  call.args.tree.next.name = "changed"
  call.args.numbers[1] = 99
end
function post.attack(call, result)
  assert(call.args.size == 11 and call.args.numbers[1] == 99)
  result.echo.extra.map.deep.er = "changed again"
  assert(call.args.extra.map.deep.er == false, "result and arguments share")
end
--8<-- second
function pre.attack(call) assert(call.args.size == 11 and call.args.items[1].meta.n == "changed") end
