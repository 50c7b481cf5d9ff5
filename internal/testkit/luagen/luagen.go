// Package luagen makes random programs of Lua 5.1, to compare what different implementations make of them.
//
// A program prints what it computes through the functions of [Prelude], ends after a bounded number of steps, and does
// nothing that the Lua 5.1 manual leaves open. The same seed gives the same program.
package luagen

import (
	_ "embed"
	"math/rand/v2"
	"strings"
)

// Prelude is Lua source that defines what programs call. They require it as the module prelude.
//
//go:embed prelude.lua
var Prelude string

// Program is a generated program. It can be made smaller; see [Shrink].
type Program struct {
	Placement Placement
	root      *node
	hides     bool // the messages of errors, since the interpreter to compare with has others
}

// New makes the program of a seed.
func New(seed uint64) Program { return generate(seed, false) }

// NewWithGoto makes a program that also has gotos and labels, which Lua has from 5.2 on.
func NewWithGoto(seed uint64) Program { return generate(seed, true) }

func generate(seed uint64, gotos bool) Program {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0x6c7561)), gotos: gotos}
	return Program{root: g.program(), hides: gotos}
}

// node is a part of a program: text with other parts inside.
type node struct {
	kind  kind
	parts []any // string or *node
}

type kind uint8

const (
	fixed      kind = iota // stays as it is
	statement              // may be left out
	expression             // may be replaced by a simpler one
)

func (n *node) write(b *strings.Builder) {
	for _, p := range n.parts {
		switch p := p.(type) {
		case string:
			b.WriteString(p)
		case *node:
			p.write(b)
		}
	}
}

func stat(parts ...any) *node { return &node{statement, append(parts, ";\n")} }

func expr(parts ...any) *node { return &node{expression, parts} }

func group(parts ...any) *node { return &node{fixed, parts} }

// joined puts a separator between nodes.
func joined(list []*node, separator string) *node {
	n := group()
	for i, e := range list {
		if i > 0 {
			n.parts = append(n.parts, separator)
		}
		n.parts = append(n.parts, e)
	}
	return n
}

// generator keeps what is in scope while a program is made.
type generator struct {
	*rand.Rand
	gotos  bool
	budget int // statements that may still be made
	vars   []string
	fn     *scope
	hidden int // counters and other variables that the rest of the program must not touch
}

// scope is the function that is being made.
type scope struct {
	vararg bool
	loops  int // around the current statement
	depth  int
	held   int // registers that many variables and long lists take
}

// chance is true in so many of a hundred cases.
func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g *generator) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g *generator) some(least, most int, one func() *node) []*node {
	list := make([]*node, 0, most)
	for range least + g.IntN(most-least+1) {
		list = append(list, one())
	}
	return list
}

// fresh is a name that nothing else in the program uses.
func (g *generator) fresh(kind string) string {
	g.hidden++
	return kind + "_" + string(rune('a'+g.hidden%26)) + itoa(g.hidden)
}

func itoa(n int) string {
	if n >= 10 {
		return itoa(n/10) + string(rune('0'+n%10))
	}
	return string(rune('0' + n))
}

// newName is a name for a variable. There are few, so that they shadow one another.
func (g *generator) newName() string {
	return g.pick("a", "b", "c", "d", "e", "x", "y", "z", "f", "g", "h", "k", "v")
}

func (g *generator) variable() string {
	if len(g.vars) == 0 || g.chance(10) {
		return g.pick("GA", "GB")
	}
	if g.chance(50) { // a recent one
		return g.vars[len(g.vars)-1-g.IntN(min(len(g.vars), 5))]
	}
	return g.vars[g.IntN(len(g.vars))]
}

// program makes several functions and calls each.
func (g *generator) program() *node {
	root := group("local show, tick, id, num, str, tab, obj, gen, iter, sel, pack = show, tick, id, num, str, tab, obj, gen, iter, sel, pack;\n",
		"local T, U = {x = 1, y = 's', {5, 6}}, {1, 2, 3};\n")
	for range 1 + g.IntN(3) {
		g.budget = 10 + g.IntN(20)
		g.fn = &scope{}
		root.parts = append(root.parts, g.mainFunction())
	}
	root.parts = append(root.parts, stat("show(T, U, GA, GB)"))
	return root
}

func (g *generator) mainFunction() *node {
	name := g.fresh("main")
	params := g.params()
	body := g.functionBody(params, g.chance(15))
	args := joined(g.some(0, 4, func() *node { return g.constant() }), ", ")
	return group(stat("local ", name, " = function(", params.list, ")\n", body, "end"), stat("show(pcall(", name, prefixed(args), "))"))
}

func prefixed(args *node) *node {
	if len(args.parts) == 0 {
		return args
	}
	return group(", ", args)
}
