-- texts is required by numbers.lua.

function from_strings(s)
  return s .. (require "numbers").anything
end
