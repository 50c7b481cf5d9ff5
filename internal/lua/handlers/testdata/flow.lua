-- What an earlier definition is left by does not replace it.
if options.simple then
  function pre.a() end
  return
end
function pre.a() end
function pre.a() end --> pre.a is defined twice: here and in line 6

if options.strict then
  function pre.b() end
  if options.simple then return end
end
function pre.b() end

repeat
  if options.special then
    pre.c = function() end
    break
  end
  pre.c = function() end
until true
pre.c = function() end --> pre.c is defined twice: here and in line 17

if options.lax then goto lax end
function pre.d() end
do return end
::lax::
function pre.d() end

if options.lax then goto both end
function pre.e() end
::both::
function pre.e() end --> pre.e is defined twice: here and in line 31

for _, name in ipairs { "x", "y" } do
  if name == "x" then goto continue end
  pre.f = function() end
  ::continue::
  pre.g = function() end
end
pre.f = function() end --> pre.f is defined twice: here and in line 37

while options.strict do
  function pre.h() end
  while options.lax do break end
  function pre.h() end --> pre.h is defined twice: here and in line 44
  if options.simple then break end
end

function pre.i() end
if options.simple then return end
function pre.i() end --> pre.i is defined twice: here and in line 50

function pre.k() end
do
  if options.simple then return end
  pre.k = nil
end
function pre.k() end

-- A local stands for what it was assigned last.
local phase = pre
phase.l = handler
phase = failed
phase.l = handler
phase.l = handler --> failed.l is defined twice: here and in line 65
if options.strict then phase = post end
phase.l = handler
phase.l = handler
phase = pre
phase.l = handler --> pre.l is defined twice: here and in line 63

phase = pre
if options.lax then goto over end
phase = post
::over::
function phase.o() end
function post.o() end

local mine = pre
for _, name in ipairs { "x", "y" } do
  if name == "x" then goto next end
  log.info(name)
  ::next::
end
function mine.p() end
local first = mine.p
function mine.p() first() end
function mine.q() end
function mine.q() end --> pre.q is defined twice: here and in line 89

local a, b = pre, post
a.m, b.n = handler, handler
a, b = b, a
a.m, b.n = handler, handler
a.n = handler --> post.n is defined twice: here and in line 93
a, b = phases()
a.m, b.n = handler, handler
function a() end
function a.m() end
