-- A local variable is not there yet in the function that it is declared with, unless that is a local function.

local factorial = function(n)
  if n < 2 then return 1 end
  return n * factorial(n - 1) --> undefined global "factorial": the local variable is not there yet in its own function: write local function factorial
end

local function sum(n)
  if n < 1 then return 0 end
  return n + sum(n - 1)
end

local print = function(...) return print("sum", ...) end

local later
later = function(n) return n > 1 and later(n - 1) end

print(factorial(3), sum(3), later(3))
