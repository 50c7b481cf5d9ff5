package check

import (
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// Code that works and is still not what its author meant: it does nothing, or in the wrong place. What may be a habit
// of its author is told of scripts only, not of the modules that they require, which others may have written. Nor is
// what a module does with globals, which may be for other scripts than the one that is checked.

func (c *checker) habits() {
	each(c.unit, c.dead, func(d dead) {
		if stops(d.end, c.raises) {
			c.unit.problem(deadCode, c.source, c.first(d.next), "nothing reaches this")
		}
	})
	each(c.unit, names(c.uses), func(name string) { c.globalUses(name, c.uses[name]) })
	each(c.unit, c.declared, c.variable)
}

// raises reports whether a function raises an error. A script may have put one of its own in the place of Lua's.
func (c *checker) raises(fn ast.Expr) bool {
	id, ok := fn.(*ast.IdentExpr)
	return ok && raising(id.Value) && c.isBuiltin(fn, id.Value)
}

// globalUses reports a global that is meant to be local: one function alone uses it, and sets it first; and one that
// nothing reads.
func (c *checker) globalUses(name string, uses []globalUse) {
	first := uses[0]
	if c.required || c.blind || isEntry(name) || c.schema.Globals[name] != nil || c.unit.escapes("_G") {
		return
	}
	if c.anywhere(func(s *source) bool { return s.throughG[name] }) {
		return
	}
	if !c.anywhere(func(s *source) bool { return s.used[name] }) {
		switch fn := c.functions[name]; {
		case strings.HasPrefix(name, "_"):
		case fn == nil:
			c.problem(unreadGlobal, first.IdentExpr, "nothing reads the global %q", name)
		case resembled(name).Name == "": // see uncalled
			c.problem(unreadGlobal, fn, "nothing calls the function %q", name)
		}
		return
	}
	others := c.anywhere(func(s *source) bool { return s != c.source && (s.used[name] || s.assigned[name]) })
	if others || c.functions[name] != nil || !first.write || first.fn == nil || slices.ContainsFunc(uses, func(u globalUse) bool { return u.fn != first.fn || !u.scope.within(first.scope) }) {
		return
	}
	f := c.problem(accidentalGlobal, first.IdentExpr, "%q is global, but used in this function only, which sets it first: write local", name)
	if at := c.of(first.IdentExpr, first.Line()); at == c.start(first.Line()) && c.alone[first.IdentExpr] && !c.jumps {
		f.Fix = &Fix{"write local", at.from, at.from, "local "}
	}
}

// within reports whether s is a block, or stands in it.
func (s *scope) within(block *scope) bool {
	for ; s != nil; s = s.outer {
		if s == block {
			return true
		}
	}
	return false
}

// escapes reports whether a global's table is handed on anywhere, so that anything may happen to it.
func (u *unit) escapes(name string) bool {
	return u.anywhere(func(s *source) bool { return s.escaped[name] })
}

// variable reports a local variable that nothing reads, that hides another, or whose new value nothing sees.
func (c *checker) variable(v *variable) {
	c.reassigned(v)
	c.surplus(v)
	if c.required || strings.HasPrefix(v.name, "_") || v.kind != localVariable {
		return
	}
	reported := v.function && v.fn == nil && isEntry(v.name) // see uncalled
	if !v.used && !reported && !slices.ContainsFunc(v.rest, func(next *variable) bool { return next.used }) {
		at := c.of(v.at, v.line)
		f := c.unit.problem(unusedLocal, c.source, at, "nothing reads the local variable %q", v.name)
		if !v.assigned && f.Column > 0 && !strings.Contains(c.source.source, "_"+v.name) {
			f.Fix = &Fix{"write _" + v.name, at.from, at.from, "_"}
		}
	}
	if v.hides != nil && v.hides.kind == localVariable && !v.copies() {
		c.unit.problem(shadowed, c.source, c.of(v.at, v.line), "the local variable %q hides that of line %d", v.name, v.hides.line)
	}
}

// copies reports whether a variable is declared with the one of its name that it hides, as in `local limit = limit`.
func (v *variable) copies() bool {
	found := false
	var look func(e ast.Expr, depth int)
	all := func(depth int, parts ...ast.Expr) {
		for _, e := range parts {
			if depth < maxDepth && !found {
				look(e, depth+1)
			}
		}
	}
	look = func(e ast.Expr, depth int) {
		switch e := e.(type) {
		case *ast.IdentExpr:
			found = found || e.Value == v.name
		case *ast.LogicalOpExpr:
			all(depth, e.Lhs, e.Rhs)
		case *ast.StringConcatOpExpr:
			all(depth, e.Lhs, e.Rhs)
		case *ast.ArithmeticOpExpr:
			all(depth, e.Lhs, e.Rhs)
		case *ast.UnaryMinusOpExpr:
			all(depth, e.Expr)
		case *ast.FuncCallExpr:
			all(depth, e.Receiver)
			all(depth, e.Args...)
		case *ast.AttrGetExpr:
			all(depth, e.Object)
		}
	}
	look(v.value, 0)
	return found
}

// reassigned reports a parameter of a function of the engine that gets a new value, which nothing reads afterwards: the
// call and its result stay as they were.
func (c *checker) reassigned(v *variable) {
	e, i, ok := c.parameter(v)
	switch {
	case !ok, v.written <= v.read, i > 1:
	case i == 1 && e.phase == "post":
		c.problem(droppedChange, v.lastWrite, "assigning to %q changes nothing: set fields of it, or return the new result", v.name)
	case i == 0 && e.phase != "periodic":
		c.problem(droppedChange, v.lastWrite, "assigning to %q changes nothing: set fields of %s.args", v.name, v.name)
	}
}
