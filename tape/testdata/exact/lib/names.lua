local names = { "ada", "bob", "cem" }
return { of = function(n) return names[n % 3 + 1] .. math.random(9) end }
