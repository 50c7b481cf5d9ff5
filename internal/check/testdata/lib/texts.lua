-- texts is required by numbers.lua.

function from_strings(s)
  return s .. (require "numbers").double(s)
end
