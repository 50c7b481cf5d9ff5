package peer

// Task is pure computation, for which a peer has a program.
type Task struct {
	Name  string
	Short string // what the table calls it
	Want  int64  // what the program returns
}

// The tasks that are measured. The parts of the text are "part 1" to "part 1000", joined by commas, of which the length
// counts; the numbers that are sorted are the remainders of 7919 to 7919 000 by 10 007, of which the middle and the
// last count.
var (
	Sieve = Task{"the primes below 10000", "sieve", 1229}
	Texts = Task{"a text of 1000 parts", "text", 8892}
	Sort  = Task{"1000 numbers sorted", "sort", 100_044_982}
)

// Endless is a task that only limits end.
var Endless = Task{Name: "an endless loop"}

// LuaPrograms are the programs for all who run Lua.
var LuaPrograms = map[Task]string{
	Sieve: `function compute()
  local composite, count = {}, 0
  for i = 2, 9999 do
    if not composite[i] then
      count = count + 1
      for j = i * i, 9999, i do composite[j] = true end
    end
  end
  return count
end`,
	Texts: `function compute()
  local parts = {}
  for i = 1, 1000 do parts[i] = "part " .. i end
  return #table.concat(parts, ",")
end`,
	Sort: `function compute()
  local list = {}
  for i = 1, 1000 do list[i] = i * 7919 % 10007 end
  table.sort(list)
  return list[500] + 10007 * list[1000]
end`,
	Endless: `function compute() while true do end end`,
}
