package luagen

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// CallsPerProgram is how many calls of library functions a program of [NewCalls] makes.
const CallsPerProgram = 50

// NewCalls makes a program that calls functions of the library with arguments that nobody would think of, and shows
// what each returns or raises.
func NewCalls(seed uint64) Program {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0x63616c6c))}
	root := group(callValues)
	for range CallsPerProgram {
		root.parts = append(root.parts, g.libraryCall())
	}
	p := Program{root: root, Placement: Placements[0]}
	if seed%4 == 1 {
		p.Placement = Placements[4]
	}
	return p
}

// callValues are arguments that are made once for a program. Each is made anew by a call where it may be changed.
const callValues = `
local function list() return { 3, 1, 2, "b", "a" } end
local function words() return { "x", "yy", 5, 1.5 } end
local function numbers() return { 5, 3, 9, 1, 7, 3 } end
local function keyed() return { x = 1 } end
local function indexed() return setmetatable({}, { __index = { 1, 2, x = "inherited" } }) end
local function callable() return setmetatable({}, { __call = function(_, a, b) return b, a end }) end
local function shown() return setmetatable({}, { __tostring = function() return "shown" end }) end
local function measured() return setmetatable({ 1, 2 }, { __metatable = "locked" }) end
local function called() return setmetatable({}, { __tostring = callable() }) end
local function first(a, b) return a end
local function key(v) local t = type(v) if t == "number" or t == "string" then return t .. v end return t end
local function less(a, b) return key(a) < key(b) end
local function two() return 1, 2 end
local function co() return coroutine.create(function(...) local x = coroutine.yield(...) return x, "end" end) end
local function dead() local c = coroutine.create(function() end) coroutine.resume(c) return c end
`

var callArguments = [][]string{
	{"nil", "true", "false"},
	{"0", "1", "2", "3", "-1", "-2", "7", "1.5", "-0.5", "2.5", "10", "16", "36", "255", "256"},
	{"(Z/Z)", "(1/Z)", "(-1/Z)", "(-1*Z)", "2^31", "-2^31", "2^53", "1e308", "1e-300", "1e13", "2^31-1"},
	{`"0x10"`, `" 12 "`, `"1e2"`, `""`, `"abc"`, `"10"`, `"-3"`, `"0x"`, `"1.5"`, `"0x1p4"`, `"inf"`, `"nan"`, `"7z"`, `"\n5\t"`, `"1 2"`},
	{`"hello world"`, `"a,b,,c"`, `"%d"`, `"%s %s"`, `"%5.2f|%-5s|"`, `"%a+"`, `"(%w)(%w*)"`, `"[a-c]"`, `"."`, `"%"`, `"x*"`, `"^h"`, `"%1"`, `"%g"`, `"%q"`, `"*t"`,
		`"!%Y-%m-%d %H:%M:%S"`, `"#"`, `"%x"`, `"%5d"`, `"%e"`, `"()"`, `"%bxy"`, `"(a"`, `"[a"`},
	{"{}", "list()", "words()", "numbers()", "keyed()", "indexed()", "{ 1, nil, 3 }", "{ n = 3 }", "{ {} }", "{ 2, 1 }"},
	{"callable()", "shown()", "measured()", "called()", "setmetatable({}, {})", "setmetatable({}, { __metatable = false })"},
	{"first", "less", "two", "rawequal", "type", "string.len"},
	{"co()", "dead()"},
	{"{ year = 2024, month = 2, day = 30 }", "{ year = 2001, month = 1, day = 1, hour = 0, min = -1 }", "{ year = '1999', month = ' 7 ', day = '4' }", "{ year = 2000 }",
		"{ year = 1970, month = 1, day = 1, hour = 12.7 }", "{ year = 2056, month = 12, day = 31, isdst = true }", "{ year = 2056, month = 7, day = 1, isdst = false }", "{ year = 'x', month = 1, day = 1 }", "os.date('*t', 1e9)", "os.date('!*t', 86400)"},
	{"first", "less", "two", "type", "nil", "5", "keyed()"},
	{"0", "1", "2", "nil", "'1'", "1.9"},
	{"'*t'", "'!*t'", "'!%Y-%m-%d %H:%M:%S'", "'%x %X'", "'%c'", "'!%c'", "'%d %j %U %w %a %p'", "''", "'abc'", "'%%'", "'*tx'"},
}

// callFunctions are the functions that are called, with how many arguments they take at most and of which kinds these
// should be now and then: n a number, s a text, p a pattern or format, t a table, f a function, c a coroutine, d a
// date, h a handler, l a level, T, S, N, D and F nothing but a table, text, number, date or format of one, a any.
var callFunctions = map[string]string{
	"string.byte": "snn", "string.char": "nnnn", "string.find": "spna", "string.format": "pVVV", "string.gmatch": "sp", "string.gsub": "span",
	"string.len": "s", "string.lower": "s", "string.match": "spn", "string.rep": "sn", "string.reverse": "s", "string.sub": "snn", "string.upper": "s",
	"table.concat": "tsnn", "table.insert": "tna", "table.maxn": "t", "table.remove": "tn", "table.sort": "tf", "table.getn": "t",
	"math.abs": "n", "math.acos": "n", "math.asin": "n", "math.atan": "n", "math.atan2": "nn", "math.ceil": "n", "math.cos": "n", "math.cosh": "n",
	"math.deg": "n", "math.exp": "n", "math.floor": "n", "math.fmod": "nn", "math.frexp": "n", "math.ldexp": "nn", "math.log": "n", "math.log10": "n",
	"math.max": "nnn", "math.min": "nnn", "math.modf": "n", "math.pow": "nn", "math.rad": "n", "math.sin": "n", "math.sinh": "n", "math.sqrt": "n",
	"math.tan": "n", "math.tanh": "n", "math.randomseed": "n",
	"os.date": "FN", "os.time": "D", "os.difftime": "nn",
	"assert": "aS", "error": "al", "getmetatable": "a", "ipairs": "t", "next": "T", "pairs": "t", "pcall": "faa", "rawequal": "aa", "rawget": "ta",
	"rawset": "taa", "select": "naa", "setmetatable": "tt", "tonumber": "sn", "tostring": "a", "type": "a", "unpack": "tnn", "xpcall": "fh",
	"coroutine.create": "f", "coroutine.resume": "caa", "coroutine.running": "", "coroutine.status": "c", "coroutine.wrap": "f",
	"require": "s", "math.random": "nn",
}

var callNames = slices.Sorted(maps.Keys(callFunctions))

// libraryCall shows what one call does. It is made in one of the ways by which a function gets its name in a message.
func (g *generator) libraryCall() *node {
	name := callNames[g.IntN(len(callNames))]
	if name == "require" {
		return group()
	}
	args := g.callArgs(name)
	list := joined(args, ", ")
	show := "show("
	if inexact[name] {
		show = "near("
	}
	if name == "math.random" {
		show = "show((" // whether it works, not what comes out
	}
	var call *node
	switch way := g.IntN(6); {
	case way == 0:
		call = group("pcall(", name, prefixed(list), ")")
	case way == 1:
		call = group("pcall(function() local f = ", name, " return f(", list, ") end)")
	case way == 2:
		if library, method, ok := strings.Cut(name, "."); ok && library == "string" && len(args) > 0 {
			call = group("pcall(function() local v = ", args[0], " return (v):", method, "(", joined(args[1:], ", "), ") end)")
			break
		}
		call = group("pcall(function() return (", name, "(", list, ")) end)")
	case way == 3 && !inexact[name]:
		call = group("pcall(function() local r = { ", name, "(", list, ") } return r end)")
	case way == 4:
		call = group("pcall(coroutine.wrap(function() return ", name, "(", list, ") end))")
	default:
		call = group("pcall(function() return ", name, "(", list, ") end)")
	}
	if name == "math.random" {
		return stat(show, call, "))")
	}
	return stat(show, call, ")")
}

func (g *generator) callArgs(name string) []*node {
	kinds := callFunctions[name]
	n := len(kinds)
	switch g.IntN(8) {
	case 0:
		if !strings.ContainsAny(kinds, "DN") {
			n = g.IntN(n + 1)
		}
	case 1:
		if !strings.ContainsAny(kinds, "TSDVhl") {
			n++
		}
	}
	args := make([]*node, n)
	for i := range args {
		kind := byte('a')
		if i < len(kinds) && (g.chance(70) || kinds[i] < 'a' || kinds[i] == 'h' || kinds[i] == 'l') {
			kind = kinds[i]
		}
		text := g.argument(kind)
		for !anyNumber(name) && large(text) || name == "string.format" && strings.Contains(text, "%c") {
			text = g.argument(kind)
		}
		args[i] = expr(text)
	}
	return args
}

// inexact are the functions whose last digits are those of the machine's C library.
var inexact = map[string]bool{
	"math.acos": true, "math.asin": true, "math.atan": true, "math.atan2": true, "math.cos": true, "math.cosh": true, "math.exp": true, "math.log": true,
	"math.log10": true, "math.pow": true, "math.sin": true, "math.sinh": true, "math.tan": true, "math.tanh": true,
}

// anyNumber reports whether a function may get numbers that a C int has no room for: others take as much work as one
// says, which lua5.1 does not bound, or wrap it around.
func anyNumber(name string) bool {
	switch name {
	case "math.random", "math.ldexp":
		return false
	case "type", "rawequal", "rawget", "rawset":
		return true
	}
	return strings.HasPrefix(name, "math.")
}

func large(text string) bool {
	return strings.ContainsAny(text, "^/") || strings.Contains(text, "e1") || strings.Contains(text, "e30") || text == `"inf"` || text == `"nan"`
}

// argument is a value of a kind.
func (g *generator) argument(kind byte) string {
	pools := map[byte][]int{'n': {1, 1, 1, 2, 3}, 's': {3, 4, 4, 1}, 'p': {4, 4, 4, 3}, 't': {5, 5, 5, 6}, 'f': {7, 7, 6}, 'c': {8}, 'd': {9, 9, 9, 5}, 'T': {5, 6}, 'h': {10}, 'l': {11}, 'N': {1}, 'V': {1, 1, 3, 4}, 'S': {3, 4}, 'F': {12}, 'D': {9}}[kind]
	pool := g.IntN(len(callArguments))
	if pools != nil {
		pool = pools[g.IntN(len(pools))]
	}
	return g.pick(callArguments[pool]...)
}
