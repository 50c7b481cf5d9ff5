-- `--> message` is what is found at a line.
function pre.a(call) reject("never") end
function pre.a(call) end --> pre.a is defined twice: here and in line 2

function pre.b() end
function post.b() end
pre.b = function() end --> pre.b is defined twice: here and in line 5
pre["b"] = handler --> pre.b is defined twice: here and in line 7
_G.pre.b = handler --> pre.b is defined twice: here and in line 8

function periodic() end
periodic = function() end --> periodic is defined twice: here and in line 11

failed = {
  c = function() end,
  c = function() end, --> failed.c is defined twice: here and in line 15
}
function failed.c() end --> failed.c is defined twice: here and in line 16

do
  function finally() end
end
finally = function() end --> finally is defined twice: here and in line 21

local before = post
function before.b() end --> post.b is defined twice: here and in line 6

if options.strict then
  function post.b() end --> post.b is defined twice: here and in line 26
end
