-- The scope of local variables and labels.

do -- a function that is no local function does not see its own name
  local x = 1
  do
    local x = function() return x end
    print(type(x())) --> number
  end
  local real = print
  local print = function(...) return print("wrapped", ...) end
  print("text") --> wrapped	text
  print = real
  local function recursive(n) return n == 0 and "done" or recursive(n - 1) end
  print(recursive(3)) --> done
  local y = function() return (function() return y end)() end
  print(y()) --> nil
end

do -- a name that means several variables
  local a = 1
  local get = function() return a end
  local a = a + 1
  local get2 = function() return a end
  print(get(), get2()) --> 1	2
end
