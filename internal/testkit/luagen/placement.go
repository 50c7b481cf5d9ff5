package luagen

import "strings"

// Placement is where a program stands in the source that is run.
type Placement struct {
	Name          string
	before, after string // without a line feed, so that lines keep their numbers
}

// Placements are all the ways in which a hook's code comes to be run. In the second the source defines a function hook,
// which is to be called with what the prelude calls V.
var Placements = []Placement{
	{"top level", "", ""},
	{"hook", "function hook(V) ", " end"},
	{"coroutine", "local co = coroutine.wrap(function(...) ", " end) co(1, 2)"},
	{"coroutine in a hook", "function hook(V) show(coroutine.resume(coroutine.create(function(...) ", " end), 1, V)) end"},
	{"pcall", "show(pcall(function(...) ", " end, 1, 2))"},
	{"xpcall in a hook", "function hook(V) show(xpcall(function() ", " end, function(e) return e end)) end"},
	{"index", "show(setmetatable({}, { __index = function(t, k) ", " end }).k)"},
	{"addition in a hook", "function hook(V) show(setmetatable({}, { __add = function(a, b) ", " end }) + V) end"},
	{"comparison", "local m = { __lt = function(a, b) ", " end } show(setmetatable({}, m) < setmetatable({}, m))"},
	{"order of a sort", "local n = 0 table.sort({ 3, 1, 2 }, function(a, b) n = n + 1 if n == 1 then ", " end return a < b end)"},
	{"order of a sort in a hook", "function hook(V) table.sort(V.list, function(a, b) ", " error('enough') end) end"},
	{"replacement", `show(("ab"):gsub(".", function(c) `, " end))"},
	{"iterator", "local n = 0 for x in function() n = n + 1 if n > 1 then return nil end ", " return n end do show(x) end"},
}

// NewPlaced makes the program of a seed in one of the placements, in turn.
func NewPlaced(seed uint64) Program {
	p := New(seed)
	p.Placement = Placements[seed%uint64(len(Placements))]
	return p
}

// Source is the program's text. Its first line gets what the program calls.
func (p Program) Source() string {
	var b strings.Builder
	b.WriteString(`require("prelude") `)
	if p.hides {
		b.WriteString("HIDES_MESSAGES = true ")
	}
	b.WriteString(p.Placement.before)
	p.root.write(&b)
	b.WriteString(p.Placement.after)
	return b.String()
}
