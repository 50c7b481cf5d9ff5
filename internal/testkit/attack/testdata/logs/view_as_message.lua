-- expect: contained
-- as: hook
function post.attack(call, result)
  log.info(result, result) log.info("m", result.echo) print(result, call, call.args) log.warn("m", call.args)
end
