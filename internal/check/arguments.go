package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/internal/scriptapi"
)

// arguments reports a call of a function of the library that has too few or too many of them, and fields that a table
// of options does not have. Lua's own functions take more than they ask for.
func (c *checker) arguments(e call) {
	name, want := c.libraryFunction(e.FuncCallExpr)
	if name == "" {
		return
	}
	given := e.Args
	if e.Func == nil {
		given = append([]ast.Expr{e.Receiver}, given...)
	}
	more := len(given) > 0 && isMultiple(given[len(given)-1])
	if more {
		given = given[:len(given)-1]
	}
	if least, most := want.Required(), len(want.Params); len(given) < least && !more || len(given) > most && !want.Open && !want.Lua {
		c.problem(argumentCount, e.FuncCallExpr, "%s%s: want %s, got %d", name, want, wanted(least, most, want.Open || want.Lua && len(given) < least), len(given))
	}
	for i, p := range want.Params[:min(len(want.Params), len(given))] {
		c.fields(given[i], p, name)
	}
}

// isMultiple reports whether an expression at the end of a list stands for any number of values.
func isMultiple(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		return !e.AdjustRet
	case *ast.Comma3Expr:
		return !e.AdjustRet
	}
	return false
}

// wanted says how many arguments a function takes.
func wanted(least, most int, open bool) string {
	n, text := most, strconv.Itoa(most)
	switch {
	case open:
		n, text = least, fmt.Sprintf("at least %d", least)
	case most == 0:
		text = "no"
	case least == 0:
		text = fmt.Sprintf("at most %d", most)
	case least < most:
		text = fmt.Sprintf("%d to %d", least, most)
	}
	if n == 1 {
		return text + " argument"
	}
	return text + " arguments"
}

// fields reports fields that the table of an argument may not have.
func (c *checker) fields(arg ast.Expr, p scriptapi.Param, function string) {
	t, ok := arg.(*ast.TableExpr)
	if !ok || p.Fields == nil {
		return
	}
	for _, f := range t.Fields {
		if key, named := constant(f.Key); named && !slices.Contains(p.Fields, key) {
			c.misspelt(unknownField, f.Key, c.nearest(key, slices.Values(p.Fields)), "%s.%s of %s: no such field", p.Name, key, function)
		}
	}
}

// colon reports a function for a method that names more values than the engine hands to it, since self is one of them.
func (c *checker) colon(s *ast.FuncDefStmt) {
	e, ok := c.entry(s.Func)
	if !ok {
		return
	}
	if named, n := s.Func.ParList.Names, len(gets[e.phase]); len(named) >= n {
		c.problem(argumentCount, s, "%s:%s: %s gets nothing, since self comes before it: write %s.%s", e.phase, e.method, named[n-1], e.phase, e.method)
	}
}

// surplus reports a parameter of a function for the engine that gets nothing. One that is assigned may be meant as a
// local variable.
func (c *checker) surplus(v *variable) {
	e, i, ok := c.parameter(v)
	if !ok || e.colon || v.assigned || strings.HasPrefix(v.name, "_") {
		return
	}
	if values := gets[e.phase]; i >= len(values) {
		c.unit.problem(argumentCount, c.source, c.of(v.at, v.line), "%s gets nothing: %s is called with %s", v.name, e.name(), strings.Join(values, " and "))
	}
}

// gets names what the engine hands to a function, by its phase.
var gets = map[string][]string{
	"pre": {"call"}, "post": {"call", "result"}, "failed": {"call", "err"}, "finally": {"call", "outcome"}, "periodic": {"shares", "tick"},
}

// libraryMethod reports a function of a library that is called as a method, so that it gets the library itself. Those
// of Lua's that take nothing do not look at it.
func (c *checker) libraryMethod(library string, e call) {
	name := library + "." + e.Method
	fn, known := scriptapi.Functions()[name]
	if !known || fn.Lua && len(fn.Params) == 0 || c.anywhere(func(s *source) bool { return s.members[library][e.Method] }) {
		return
	}
	f := c.problem(argumentCount, e.FuncCallExpr, "%s:%s hands in %s itself as the first argument: write %s", library, e.Method, library, name)
	if p := c.of(e.FuncCallExpr, e.Line()); p.from > 0 && c.source.source[p.from-1] == ':' && f.Column > 0 {
		f.Fix = &Fix{"write " + name, p.from - 1, p.from, "."}
	}
}
