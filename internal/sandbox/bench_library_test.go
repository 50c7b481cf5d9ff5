package sandbox

import (
	"fmt"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// The most that the sandbox may take, as a multiple of what gopher-lua takes for the same without any limits.
const (
	runGoal     = 1.15 // a run of an empty function, against a protected call
	loopGoal    = 1.35 // instructions
	patternGoal = 1.5  // find, match, gmatch and gsub
	libraryGoal = 1.3  // every other function of the library
)

// work is a piece of Lua that the sandbox and gopher-lua run. It finds ordinary values in locals: short texts, a list
// of 50 texts and one of 50 numbers.
type work struct {
	name string
	goal float64
	lua  string
}

const (
	workBefore = `
	local text, name, n, x = "share_of_tenant-42 on storage node 7", "share", 42, 3.14159
	local texts, numbers, fields = {}, {}, {}
	for i = 1, 50 do texts[i] = "item" .. i numbers[i] = i * 7 % 51 fields["key" .. i] = i end
	local byte, char, len, sub, lower, upper = string.byte, string.char, string.len, string.sub, string.lower, string.upper
	local reverse, rep, format = string.reverse, string.rep, string.format
	local find, match, gmatch, gsub = string.find, string.match, string.gmatch, string.gsub
	local concat, insert, remove, sort, maxn = table.concat, table.insert, table.remove, table.sort, table.maxn
	local id = function(a) return a end
	`
	workHead = `function f() local v, w for i = 1, 50 do `
	workTail = ` end return v end`
)

// libraryWork is what scripts do most. Those of several statements undo what they did, so that each turn finds the
// same.
var libraryWork = []work{
	{"arithmetic", loopGoal, `v = i % 7 + n`},
	{"a call of a function", loopGoal, `v = id(i)`},
	{"reads and writes of fields", loopGoal, `v = fields.key7 fields.key7 = v`},

	{"string.byte", libraryGoal, `v = byte(text, 3)`},
	{"string.byte of all", libraryGoal, `v = byte(name, 1, -1)`},
	{"string.char", libraryGoal, `v = char(115, 104, 97, 114, 101)`},
	{"string.len", libraryGoal, `v = len(text)`},
	{"string.sub short", libraryGoal, `v = sub(text, 1, 5)`},
	{"string.sub long", libraryGoal, `v = sub(text, 3)`},
	{"method sub", libraryGoal, `v = text:sub(1, 5)`},
	{"string.lower", libraryGoal, `v = lower(text)`},
	{"string.upper", libraryGoal, `v = upper(text)`},
	{"string.reverse", libraryGoal, `v = reverse(text)`},
	{"string.rep", libraryGoal, `v = rep(name, 5)`},
	{"string.format %d", libraryGoal, `v = format("%d", n)`},
	{"string.format %s", libraryGoal, `v = format("%s", text)`},
	{"string.format %5.2f", libraryGoal, `v = format("%5.2f", x)`},
	{"string.format %x", libraryGoal, `v = format("%x", 48879)`},
	{"string.format %q", libraryGoal, `v = format("%q", text)`},
	{"string.format mixed", libraryGoal, `v = format("share %s of %s: %d GiB (%5.1f)", name, text, n, x)`},
	{"tostring of a number", libraryGoal, `v = tostring(n)`},
	{"tostring of a fraction", libraryGoal, `v = tostring(x)`},
	{"tostring of a string", libraryGoal, `v = tostring(text)`},
	{"tostring of a boolean", libraryGoal, `v = tostring(true)`},
	{"tonumber", libraryGoal, `v = tonumber("42")`},
	{"tonumber of a fraction", libraryGoal, `v = tonumber("3.14159")`},
	{"tonumber of a number", libraryGoal, `v = tonumber(n)`},
	{"tonumber with a base", libraryGoal, `v = tonumber("ff", 16)`},
	{"..", libraryGoal, `v = name .. text`},
	{".. of a number", libraryGoal, `v = name .. n`},
	{".. of five", libraryGoal, `v = name .. "/" .. n .. ":" .. text`},

	{"table.concat", libraryGoal, `v = concat(texts, ", ")`},
	{"table.concat of numbers", libraryGoal, `v = concat(numbers, ", ")`},
	{"table.insert and remove", libraryGoal, `insert(numbers, i) v = remove(numbers)`},
	{"table.insert and remove first", libraryGoal, `insert(numbers, 1, i) v = remove(numbers, 1)`},
	{"table.sort of numbers", libraryGoal, `if i == 1 then for k = 1, 50 do numbers[k] = k * 7 % 51 end sort(numbers) end`},
	{"table.sort of texts", libraryGoal, `if i == 1 then for k = 1, 50 do texts[k] = "item" .. k * 7 % 51 end sort(texts) end`},
	{"table.sort by a function", libraryGoal,
		`if i == 1 then for k = 1, 50 do numbers[k] = k * 7 % 51 end sort(numbers, function(a, b) return a > b end) end`},
	{"table.maxn", libraryGoal, `v = maxn(numbers)`},
	{"table.getn", libraryGoal, `v = table.getn(numbers)`},
	{"unpack", libraryGoal, `v, w = unpack(numbers, 1, 10)`},
	{"ipairs", libraryGoal, `for k, item in ipairs(numbers) do v = item end`},
	{"pairs of a list", libraryGoal, `for k, item in pairs(numbers) do v = item end`},
	{"pairs of a map", libraryGoal, `for k, item in pairs(fields) do v = item end`},
	{"next", libraryGoal, `v, w = next(fields)`},
	{"rawget", libraryGoal, `v = rawget(fields, "key7")`},
	{"rawget of an item", libraryGoal, `v = rawget(numbers, 7)`},
	{"rawset", libraryGoal, `rawset(fields, "key7", 7)`},
	{"rawset of an item", libraryGoal, `rawset(numbers, 7, 49)`},
	{"getmetatable", libraryGoal, `v = getmetatable(fields)`},
	{"setmetatable", libraryGoal, `v = setmetatable({}, fields)`},
	{"select", libraryGoal, `v = select(2, n, i, x)`},
	{"select #", libraryGoal, `v = select("#", n, i, x)`},
	{"assert", libraryGoal, `v = assert(n, "a number")`},
	{"type", libraryGoal, `v = type(n)`},
	{"math.floor", libraryGoal, `v = math.floor(x)`},
	{"pcall", libraryGoal, `v, w = pcall(id, i)`},

	{"find a text", patternGoal, `v, w = find(text, "storage", 1, true)`},
	{"find a pattern of text", patternGoal, `v, w = find(text, "storage")`},
	{"find", patternGoal, `v, w = find(text, "%d+$")`},
	{"find nothing", patternGoal, `v, w = find(text, "^%d")`},
	{"match", patternGoal, `v, w = match("name = value", "^(%w+)%s*=%s*(.+)$")`},
	{"match a prefix", patternGoal, `v = match(text, "^share_")`},
	{"match an address", patternGoal, `v, w = match("192.168.10.254", "^(%d+)%.(%d+)%.(%d+)%.(%d+)$")`},
	{"match to trim", patternGoal, `v = match("   a name with blanks   ", "^%s*(.-)%s*$")`},
	{"match in quotes", patternGoal, `v = match('set name "the share" to', '"([^"]*)"')`},
	{"gmatch", patternGoal, `for word in gmatch(text, "%w+") do v = word end`},
	{"gmatch of pairs", patternGoal, `for key, value in gmatch("a=1, b=2, c=3", "(%w+)=(%w+)") do v = value end`},
	{"gsub", patternGoal, `v, w = gsub(text, "%s", "_")`},
	{"gsub with captures", patternGoal, `v, w = gsub(text, "(%w+)_(%w+)", "%2_%1")`},
	{"gsub without a match", patternGoal, `v, w = gsub(text, "#", "_")`},
	{"gsub by a table", patternGoal, `v, w = gsub("$key1 and $key2", "%$(%w+)", fields)`},
	{"gsub by a function", patternGoal, `v, w = gsub("a b c", "%w", id)`},
}

// BenchmarkLibrary compares what scripts do most with gopher-lua, and a run with a protected call. After the ratios it
// prints a table of them, in which those above their goal are marked.
func BenchmarkLibrary(b *testing.B) {
	var table strings.Builder
	report := func(w work, run func(b *testing.B) float64) {
		b.Run(strings.ReplaceAll(w.name, " ", "_"), func(b *testing.B) {
			ratio := run(b)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ratio, "sandbox/bare")
			mark := ""
			if ratio > w.goal {
				mark = " above"
			}
			fmt.Fprintf(&table, "%-30s %5.2f of %4.2f%s\n", w.name, ratio, w.goal, mark)
		})
	}
	for _, a := range arguments {
		report(work{name: "a run with " + a.name, goal: runGoal}, a.compare)
	}
	for _, w := range libraryWork {
		report(w, w.compare)
	}
	fmt.Print("\n", table.String())
}

func (w work) compare(b *testing.B) float64 {
	return compareRuns(b, workBefore+workHead+w.lua+workTail, nil)
}

// compareRuns runs the function f of a source, with arguments, in turns.
func compareRuns(b *testing.B, source string, args []bridge.Value) float64 {
	base, candidate := newSides(b, source, args...)
	return fastest(b, base, candidate)
}

// given is what a hook is called with.
type given struct {
	name string
	args []bridge.Value
}

var arguments = func() []given {
	record := bridge.Wrap(&lua.LTable{Metatable: lua.LNil})
	number, text := bridge.Wrap(lua.LNumber(1)), bridge.Wrap(lua.LString("share"))
	return []given{
		{"no argument", nil},
		{"nil", []bridge.Value{{}}},
		{"a number", []bridge.Value{number}},
		{"a text", []bridge.Value{text}},
		{"a record", []bridge.Value{record}},
		{"two records", []bridge.Value{record, record}},
	}
}()

func (a given) compare(b *testing.B) float64 { return compareRuns(b, `function f() end`, a.args) }
