-- What a module has, where it returns a table whose keys can be seen.

local shapes = require "shapes"
local classes = require "classes"
local open = require "open"

print(shapes.area(2), shapes.version, shapes.aera(2)) --> shapes.aera: no such function in the module shapes (did you mean "area"?)
print(shapes:perimeter(), shapes:diameter()) --> shapes.diameter: no such function in the module shapes
if shapes.volume then print(shapes.volume(3)) end
if shapes.mass then shapes:mass() end
local weigh = shapes.weight or shapes.area
shapes.colour = "red"
print(shapes.colour, weigh)

print(classes.new().anything, classes.newest()) --> classes.newest: no such function in the module classes
print(open.whatever, open.more)

local keeps = require "keeps"
keeps:init()
keeps.start(keeps)
print(keeps.extra, keeps.started, keeps.other(), keeps.foreign) --> keeps.foreign: no such function in the module keeps
