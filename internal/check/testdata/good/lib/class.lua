-- class.lua: objects with methods, and classes that inherit them.
local Object = {}
Object.__index = Object

function Object:init() end

function Object:extend(name)
  local class = {}
  for key, value in pairs(self) do
    if key:sub(1, 2) == "__" then
      class[key] = value
    end
  end
  class.__index = class
  class.name = name
  class.super = self
  return setmetatable(class, self)
end

function Object:is(class)
  local mt = getmetatable(self)
  while mt do
    if mt == class then return true end
    mt = getmetatable(mt)
  end
  return false
end

function Object:__tostring() return self.name or "object" end

function Object:__call(...)
  local o = setmetatable({}, self)
  o:init(...)
  return o
end

return Object
