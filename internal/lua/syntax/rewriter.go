package syntax

import (
	"strconv"

	"github.com/yuin/gopher-lua/ast"
)

// rewriter walks over a chunk once.
type rewriter struct {
	fn    *function
	names map[string]*name // those that were declared
	vars  []*variable      // all variables in scope, outermost first
	tags  []tag

	locals []*local // those of the main function, once it has been left

	computed map[*ast.ArithmeticOpExpr]result

	visible   int // variables and blocks in scope, in all functions around: what looking up a name costs the compiler
	nodes     int
	functions int
	work      int
	labels    int        // made for loops, to tell them apart
	closed    []*block   // to be used again
	slab      []variable // to be used next
}

// These are names of variables that only this package makes. No source can contain them, and gopher-lua's tracebacks
// show a function with such a name as they show gopher-lua's own.
const (
	concatName = "(concat)"
	noopName   = "(no operation)"
)

func hiddenName(kind string, n int) string { return "(" + kind + " " + strconv.Itoa(n) + ")" }

func newRewriter() *rewriter {
	r := &rewriter{names: make(map[string]*name, 32), computed: map[*ast.ArithmeticOpExpr]result{}}
	r.enterFunction()
	return r
}

// chunk rewrites a whole chunk. Where it concatenates, its first variable is the function that does so.
func (r *rewriter) chunk(list []ast.Stmt, concatenates bool) []ast.Stmt {
	if !concatenates {
		list = r.block(list, 0, false)
		r.locals = r.leaveFunction(&ast.Node{})
		return list
	}
	line := list[0].Line()
	value := lined(&ast.NilExpr{}, r.tag(tag{line: line, kind: concatTag}))
	first := lined(&ast.LocalAssignStmt{Names: []string{concatName}, Exprs: []ast.Expr{value}}, line)
	r.declare(first, concatName)
	list = r.block(list, 0, false)
	r.locals = r.leaveFunction(first)
	return append([]ast.Stmt{first}, list...)
}

// tag is what the patch has to know about an instruction or a function. The patch finds it by the line of the
// instruction, or the last line of the function, which until then is the tag's number.
type tag struct {
	line   int // the true line
	kind   tagKind
	level  int      // of a goto: the first register that its label does not keep
	locals []*local // of a function: its variables
}

type tagKind uint8

const (
	concatTag tagKind = iota // gets the concatenation function into its variable
	gotoTag
	functionTag
)

// tagBase is greater than any line of a source.
const tagBase = 1 << 30

// tag returns the line number that marks the instructions of a node.
func (r *rewriter) tag(t tag) int {
	r.tags = append(r.tags, t)
	return tagBase + len(r.tags) - 1
}

// placed gives a new node the lines of an old one.
func placed[N ast.PositionHolder](n N, from ast.PositionHolder) N {
	n.SetLine(from.Line())
	n.SetLastLine(from.LastLine())
	return n
}

func lined[N ast.PositionHolder](n N, line int) N {
	n.SetLine(line)
	n.SetLastLine(line)
	return n
}
