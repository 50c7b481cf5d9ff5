package sandbox

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// stepGenerator makes programs that do little but what the main loop has shortcuts for, each in all places where an
// expression may stand: alone or in brackets, as the last or another item, argument, result and assigned value.
type stepGenerator struct {
	*rand.Rand
	locals []string
	depth  int
	steps  int
}

const stepPreamble = `local list, map, empty = { 5, 6, 7 }, { a = 1, b = 2, c = 3 }, {}
local count, many = function(...) return select("#", ...) end, function(...) return ... end
local it, view = ipairs(list), share
local out = {}
local function show(...) for i = 1, select("#", ...) do out[#out + 1] = tostring((select(i, ...))):gsub("0x%x+", "@") end end
`

func (g *stepGenerator) program() string {
	g.locals = []string{"list", "map", "empty", "x", "y"}
	body := stepPreamble + "local x, y = 0, nil\n"
	for range 4 + g.IntN(8) {
		body += g.statement()
	}
	return body + "return out"
}

func (g *stepGenerator) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g *stepGenerator) statement() string {
	g.depth++
	defer func() { g.depth-- }()
	if g.steps++; g.depth > 4 || g.steps > 60 {
		return "show(" + g.list(2) + ")\n"
	}
	switch g.IntN(16) {
	case 0, 1:
		name := g.pick("a", "b", "c", "d")
		s := fmt.Sprintf("local %s%s = %s\n", name, g.pick("", ", "+name+"2", ", y, z"), g.list(3))
		g.locals = append(g.locals, name)
		return s
	case 2:
		return fmt.Sprintf("%s = %s\n", g.pick("x", "y", "x, y", "y, x", "made_global"), g.list(3))
	case 3, 4:
		return fmt.Sprintf("for k%s in %s do\n%send\n", g.pick("", ", v", ", v, w", ", v, w, u"), g.pick(
			"pairs("+g.table()+")", "next, "+g.table(), "ipairs("+g.table()+")", "it, "+g.table()+", 0", "next, "+g.table()+", "+g.call()), g.block())
	case 5:
		return fmt.Sprintf("if %s %s %s then\n%selse\n%send\n", g.expr(), g.pick("==", "~="), g.expr(), g.block(), g.block())
	case 6:
		return fmt.Sprintf("view.%s = %s\n", g.pick("size", "id", "metadata", "extra", "preferred", "deleted", "paths", "nothing"), g.expr())
	case 7:
		return fmt.Sprintf("pcall(function() %s[%s] = %s end)\n", g.view(), g.expr(), g.expr())
	case 8:
		return fmt.Sprintf("view.metadata[%s] = %s\n", g.pick(`"zone"`, `"new"`, "k", "x"), g.pick("nil", `"w"`, "tostring(x)"))
	case 9:
		return g.call() + "\n"
	case 10:
		return fmt.Sprintf("do local function f(%s) %s return %s end show(%sf(%s)) show((f(%s))) end\n",
			g.pick("", "p", "p, q", "..."), g.block(), g.list(3), g.pick("", "1, ", "count, "), g.list(2), g.list(2))
	case 11:
		return "do local n = 0 while n < 3 do n = n + 1 " + g.block() + "end end\n"
	case 12:
		return "do local n = 0 local function up() n = n + 1 return n end " + g.block() + " show(up() + up()) end\n"
	case 13:
		return fmt.Sprintf("show(pcall(function() return %s end))\n", g.list(3))
	}
	return "show(" + g.list(4) + ")\n"
}

func (g *stepGenerator) block() string {
	known := len(g.locals)
	var b strings.Builder
	for range 1 + g.IntN(2) {
		b.WriteString(g.statement())
	}
	g.locals = g.locals[:known]
	return b.String()
}

func (g *stepGenerator) list(most int) string {
	items := make([]string, 1+g.IntN(most))
	for i := range items {
		items[i] = g.expr()
	}
	return strings.Join(items, ", ")
}

func (g *stepGenerator) expr() string {
	g.depth++
	defer func() { g.depth-- }()
	if g.depth > 6 {
		return g.pick("1", "0", "nil", `"a"`, "true", "x")
	}
	switch g.IntN(14) {
	case 0, 1, 2:
		return g.call()
	case 3, 4:
		return "(" + g.call() + ")"
	case 5:
		return g.locals[g.IntN(len(g.locals))]
	case 6:
		return "{ " + g.list(3) + " }"
	case 7:
		return "#{ " + g.list(3) + " }"
	case 8, 9:
		return g.view() + g.pick(".id", ".size", ".path", ".zone", ".nothing", `["owner"]`, "[1]", "[x]", "["+g.expr()+"]")
	case 10:
		return "(" + g.pick("x", "1", "0", "-1", "0.5", "1022", "1e308", g.call()) + " + " + g.pick("1", "0", "-1", "0.5", `"1"`, "y", "1e308", g.call()) + ")"
	case 11:
		return "(" + g.expr() + g.pick(" == ", " ~= ") + g.expr() + ")"
	case 12:
		return g.pick("many", "count") + "(" + g.list(3) + ")"
	}
	return g.pick("1", "0", "-0.0", "nil", `"a"`, `"b"`, "false", "x", "y", "made_global", "undefined_global")
}

func (g *stepGenerator) table() string {
	return g.pick("list", "map", "empty", "view", "view.metadata", "view.paths", "view.places", "view.extra", "view.extra.list", "{ 1, nil, 3 }",
		"{ "+g.list(3)+" }", g.view())
}

func (g *stepGenerator) view() string {
	return g.pick("view", "view.metadata", "view.places[1]", "view.places[2]", "view.extra", "view.extra.list", "view.preferred", "view.paths",
		"view.deleted", "map", "list")
}

// call calls a function that the loop may call by itself, with arguments that it may take or not.
func (g *stepGenerator) call() string {
	switch g.IntN(9) {
	case 0, 1, 2:
		return "type(" + g.list(2) + ")"
	case 3:
		return "next(" + g.table() + ")"
	case 4:
		return "next(" + g.table() + ", " + g.pick("nil", "1", `"a"`, `"id"`, `"zone"`, "2, 3", g.expr()) + ")"
	case 5:
		return g.pick("pairs", "ipairs") + "(" + g.table() + ")"
	case 6:
		return "it(" + g.table() + ", " + g.pick("0", "1", "2", "3", "x", `"0"`) + ")"
	case 7:
		return g.pick("type", "next", "pairs", "it") + "(" + g.pick("", g.expr(), "many("+g.list(3)+")") + ")"
	}
	return "type(" + g.call() + ")"
}
