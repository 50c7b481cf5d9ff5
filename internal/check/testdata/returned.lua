-- A script's functions are globals. Nothing calls what it returns.

return {
  pre = function(call) reject("never") end, --> nothing calls the function "pre" that the script returns: define it as a global function
  periodic = function() end, --> nothing calls the function "periodic" that the script returns: define it as a global function
  post = 5,
  helper = function() end,
}
