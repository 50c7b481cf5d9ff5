-- Functions that were meant to be called by the engine.

function periodc(shares, tick) end --> nothing calls the function "periodc" (did you mean "periodic"?)

local function failed(call, err) end --> nothing calls the local function "failed": the engine calls global functions only

local function post(call, result)
  return result
end

function pre(call)
  return post(call, prep(call))
end

function prep(call)
  return call.id
end

local function _unrelated() end

function also_unrelated() end --> nothing calls the function "also_unrelated"

third_unrelated = function() end --> nothing calls the function "third_unrelated"

function _fourth() end

