-- A function of the engine's that is defined twice.

function pre.create_snapshot(call) reject("never allowed", "no") end
function pre.create_snapshot(call) return call.nothing end --> pre.create_snapshot is defined twice: here and in line 3 --> call.nothing: no such field
function pre(call) end --> pre is assigned here and pre.create_snapshot in line 4: want one function for all methods, or one a method
