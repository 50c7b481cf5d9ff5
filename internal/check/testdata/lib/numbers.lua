-- numbers is required by modules.lua.

require "texts"

function double(n)
  shared_with_module()
  return n * tow --> undefined global "tow"
end

return { double = double }
