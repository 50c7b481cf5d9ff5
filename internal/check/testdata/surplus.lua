-- What the engine hands to a function is all that it gets.

function pre.create_share_instance(call, result) --> result gets nothing: pre.create_share_instance is called with call
  return result.size
end

function post.create_share_instance(call, result, extra) --> extra gets nothing: post.create_share_instance is called with call and result
  return result or extra
end

failed = {
  delete_share_instance = function(call, err, more) return more end, --> more gets nothing: failed.delete_share_instance is called with call and err
}

function finally(call, outcome, _unused, ...) return ... end

function periodic(shares, tick, sum)
  sum = #shares
  return sum
end

-- one that the script calls itself, too, may get more
function pre.extend_share(call, more) return more end

function pre.shrink_share(call) return pre.extend_share(call, 1) end
