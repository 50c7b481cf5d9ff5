-- One function for all methods knows no result.

function finally(call, outcome)
  print(outcome.result.anything, outcome.error.message, outcome.results) --> outcome.results: no such field (did you mean "result"?)
end
