-- A syntax error is all that is reported.

function pre.create_snapshto(call)
  if call.args then
    foo(
  end --> syntax error near "end"
end
