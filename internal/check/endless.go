package check

import (
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// loop is a loop whose condition does not end it, unless it does so at once, and whose body does not leave it.
type loop struct {
	ast.Stmt
	word  string // that it begins with
	fn    *ast.FunctionExpr
	calls []call      // in its body
	reads []*variable // that its condition reads
}

// noteLoop walks the body of a loop that goes on while its condition has a value, and notes it where that is always so,
// or hangs on variables alone that the body does not assign, unless the body leaves the loop.
func (b *binder) noteLoop(s ast.Stmt, word string, condition ast.Expr, goesOn bool, body []ast.Stmt, walk func()) {
	b.clock++
	began, before := b.clock, len(b.calls)
	walk()
	reads, known := b.hangsOn(condition, 0)
	stays := known && len(reads) > 0 && !slices.ContainsFunc(reads, func(v *variable) bool { return v.since >= began || v.written >= began })
	if (isAlways(condition, goesOn) || stays) && !leaves(body, false) {
		b.loops = append(b.loops, loop{s, word, b.fn, b.calls[before:len(b.calls):len(b.calls)], reads})
	}
}

// hangsOn returns the local variables that a condition hangs on, if it hangs on nothing else.
func (b *binder) hangsOn(e ast.Expr, depth int) (on []*variable, known bool) {
	if depth > maxDepth {
		return nil, false
	}
	var operands []ast.Expr
	switch e := e.(type) {
	case *ast.TrueExpr, *ast.FalseExpr, *ast.NilExpr, *ast.NumberExpr, *ast.StringExpr:
		return nil, true
	case *ast.IdentExpr:
		v := b.locals[e]
		return []*variable{v}, v != nil
	case *ast.UnaryNotOpExpr:
		operands = []ast.Expr{e.Expr}
	case *ast.RelationalOpExpr:
		operands = []ast.Expr{e.Lhs, e.Rhs}
	case *ast.LogicalOpExpr:
		operands = []ast.Expr{e.Lhs, e.Rhs}
	case *ast.ArithmeticOpExpr:
		operands = []ast.Expr{e.Lhs, e.Rhs}
	default:
		return nil, false
	}
	for _, operand := range operands {
		more, known := b.hangsOn(operand, depth+1)
		if !known {
			return nil, false
		}
		on = append(on, more...)
	}
	return on, true
}

// isAlways reports whether an expression is written as a value that is true or, where isTrue is false, as one that is
// not.
func isAlways(e ast.Expr, isTrue bool) bool {
	switch e.(type) {
	case *ast.TrueExpr, *ast.NumberExpr, *ast.StringExpr, *ast.TableExpr:
		return isTrue
	case *ast.FalseExpr, *ast.NilExpr:
		return !isTrue
	}
	return false
}

// leaves reports whether statements leave the loop around them. Inner says that they stand in a loop of their own.
func leaves(stmts []ast.Stmt, inner bool) bool {
	return slices.ContainsFunc(stmts, func(s ast.Stmt) bool {
		switch s := s.(type) {
		case *ast.ReturnStmt, *ast.GotoStmt:
			return true
		case *ast.BreakStmt:
			return !inner
		case *ast.DoBlockStmt:
			return leaves(s.Stmts, inner)
		case *ast.IfStmt:
			return leaves(s.Then, inner) || leaves(s.Else, inner)
		case *ast.WhileStmt:
			return leaves(s.Stmts, true)
		case *ast.RepeatStmt:
			return leaves(s.Stmts, true)
		case *ast.NumberForStmt:
			return leaves(s.Stmts, true)
		case *ast.GenericForStmt:
			return leaves(s.Stmts, true)
		}
		return false
	})
}

// endless reports loops that nothing ends: no function that they call is known to raise an error or to yield, and none
// is unknown.
func (c *checker) endless() {
	each(c.unit, c.loops, func(l loop) {
		c.spend(len(l.calls) + len(l.reads))
		followed := map[*ast.FunctionExpr]bool{}
		assigned := slices.ContainsFunc(l.reads, func(v *variable) bool { return v.reaches }) // by what it calls, maybe
		if assigned || slices.ContainsFunc(l.calls, func(e call) bool { return e.fn == l.fn && c.mayEnd(e, followed) }) {
			return
		}
		at := c.start(l.Line())
		if c.source.source[at.from:at.to] != l.word {
			at = place{line: l.Line()}
		}
		it := "it"
		if len(l.reads) > 0 {
			it = "it does not change " + l.reads[0].name + ","
		}
		c.unit.problem(endlessLoop, c.source, at, "nothing ends this %s: %s has no break and no return, and calls nothing that raises an error", l.word, it)
	})
}

// mayEnd reports whether a call may not come back: it raises an error on purpose or for what the world answers, yields,
// or is not known.
func (c *checker) mayEnd(e call, followed map[*ast.FunctionExpr]bool) bool {
	if id, ok := e.Func.(*ast.IdentExpr); ok && (c.isLocal(id) || c.defined[id.Value] != nil) {
		return c.bodyMayEnd(id, followed)
	}
	name, fn := c.libraryFunction(e.FuncCallExpr)
	if e.Func == nil && name == "" {
		return c.shapeOf(e.Receiver) != c.types.text // where it is no method of texts, it is a mistake
	}
	library, _, _ := strings.Cut(name, ".")
	switch {
	case name == "", library == "coroutine", !fn.Lua && library != "log":
		return true
	case strings.Contains(" error assert reject pcall xpcall ", " "+name+" "):
		return true
	}
	at, calls := calling[name]
	if e.Func == nil {
		at-- // behind the text whose method it is
	}
	return calls && at < len(e.Args) && c.bodyMayEnd(e.Args[at], followed)
}

// calling says which argument, from 0, functions of Lua's call.
var calling = map[string]int{"table.sort": 1, "string.gsub": 2}

// bodyMayEnd reports whether a call of what an expression holds may not come back. Texts and tables are not called.
func (c *checker) bodyMayEnd(e ast.Expr, followed map[*ast.FunctionExpr]bool) bool {
	var fn *ast.FunctionExpr
	switch e := e.(type) {
	case *ast.FunctionExpr:
		fn = e
	case *ast.IdentExpr:
		fn = c.meant(e)
		if v := c.locals[e]; v != nil && v.assigned {
			fn = nil
		}
	}
	if fn == nil && (!isFunction(e) || c.shapeOf(e) != nil) {
		return false
	}
	if fn == nil || len(followed) > maxDepth {
		return true
	}
	if followed[fn] {
		return false
	}
	followed[fn] = true
	calls := c.callsOf(fn)
	c.spend(len(calls) + 1)
	return c.done() || slices.ContainsFunc(calls, func(inner call) bool { return c.mayEnd(inner, followed) })
}

// callsOf returns the calls in a function.
func (c *checker) callsOf(fn *ast.FunctionExpr) []call {
	if c.callsBy == nil {
		c.callsBy = map[*ast.FunctionExpr][]call{}
		for _, e := range c.calls {
			c.callsBy[e.fn] = append(c.callsBy[e.fn], e)
		}
	}
	return c.callsBy[fn]
}
