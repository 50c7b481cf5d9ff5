-- expect: true | none is committed, nor followed for ever
-- as: hook
-- change_args
function pre.attack(call)
  local tree = call.args.tree
  local tried = {
    function() tree.next = tree end, function() tree.next.next = tree end, function() local t = { name = "a" } t.next = t tree.next = t end,
    function() local a, b = { name = "a" }, { name = "b" } a.next, b.next = b, a tree.next = a end,
    function() local t = {} t.t = t call.args.extra.t = t end, function() call.args.extra.self = call.args.extra end,
    function() call.args.extra.map.deep.er = call.args.extra.map end,
  }
  for _, f in ipairs(tried) do pcall(f) pcall(json.encode, call.args) log.info("ring", call.args.extra) end
  tree.next = { name = "new" }
  call.args.extra = {}
  return true
end
