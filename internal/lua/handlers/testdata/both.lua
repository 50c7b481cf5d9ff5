function pre.create_snapshot(call) reject("never") end
function pre(call) end --> pre is assigned here and pre.create_snapshot in line 1: want one function for all methods, or one a method

function post(call) end
function post.a(call) end --> post.a is defined here and post, for all methods, in line 4: want one function for all methods, or one a method

function failed.a() end
failed = {} --> failed is assigned here and failed.a in line 7: want one function for all methods, or one a method

function finally.a() end
finally = handlers --> finally is assigned here and finally.a in line 10: want one function for all methods, or one a method
