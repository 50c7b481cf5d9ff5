package handlers

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// assigns notes what an assignment statement does. All its values are made before any has a name.
func (f *finder) assigns(s *ast.AssignStmt) {
	meant := make([]string, len(s.Lhs))
	for i, value := range s.Rhs {
		if i < len(meant) && f.isLocal(s.Lhs[i]) {
			meant[i] = f.table(value)
		}
		if i >= len(meant) || meant[i] == "" {
			f.reads(value)
		}
	}
	for i, target := range s.Lhs {
		var value ast.Expr
		if i < len(s.Rhs) {
			value = s.Rhs[i]
		}
		f.assign(target, value, meant[i])
	}
}

// isLocal reports whether an expression is a local variable.
func (f *finder) isLocal(e ast.Expr) bool {
	id, ok := e.(*ast.IdentExpr)
	if ok {
		_, ok = f.localName(id.Value)
	}
	return ok
}

// assign notes what an assignment defines, or takes back. A nil value means that the value is not known; meant is the
// phase whose table it is, where a local variable is set.
func (f *finder) assign(target, value ast.Expr, meant string) {
	if f.isLocal(target) {
		f.rename(target.(*ast.IdentExpr).Value, meant)
		return
	}
	d, ok := f.handler(target)
	if !ok {
		return
	}
	d.Line, d.Always = target.Line(), f.at.always
	switch value := value.(type) {
	case *ast.NilExpr:
		f.replace(d, false)
		return
	case *ast.TableExpr:
		if d.Method == "" && IsPhase(d.Phase) {
			f.replace(d, true)
			f.fields(d, value)
			return
		}
	case *ast.FunctionExpr:
		f.define(d, false)
		return
	}
	f.define(d, d.Method == "")
}

// fields notes the functions of a table constructor, and its items without a key, of which there should be none.
func (f *finder) fields(all Definition, t *ast.TableExpr) {
	items := 0
	for _, field := range t.Fields {
		name, at := method(field.Key), field.Key
		if at == nil {
			items++
			name, at = Item(items), field.Value
		}
		if name != "" {
			f.define(Definition{Phase: all.Phase, Method: name, Line: at.Line(), Always: all.Always}, false)
		}
	}
}

// define adds a definition. Table says that it may be a table of methods.
func (f *finder) define(d Definition, table bool) {
	if f.work > maxWork { // in the middle of a table
		return
	}
	f.replace(d, true)
	f.work += len(f.read)
	d.wraps = slices.ContainsFunc(f.read, d.meets)
	f.live = append(f.live, defined{Definition: d, scope: f.at, at: f.made, table: table})
	f.made++
}

// replace drops the definitions whose place a new one is certain to take: those that have been made wherever the new
// one is, and those that the new one follows wherever they have been made. Where tell is true it reports one of them as
// a conflict, unless the script has read what it replaces.
func (f *finder) replace(d Definition, tell bool) {
	f.work += len(f.live)
	f.live = slices.DeleteFunc(f.live, func(a defined) bool {
		if !a.meets(d) || a.table && d.Method != "" {
			return false
		}
		before := a.at >= f.skipped && f.within(f.at, a.scope)
		if !before && (a.at < max(f.left, f.leftLoop) || !f.within(a.scope, f.at)) {
			return false
		}
		if tell && !a.read {
			f.conflicts = append(f.conflicts, Conflict{a.Definition, d})
			tell = false // one is enough
		}
		return true
	})
}

// reads walks expressions that are evaluated, and notes the definitions that they read. It passes over the bodies of
// functions, which run later.
func (f *finder) reads(es ...ast.Expr) {
	if f.depth++; f.depth <= maxDepth {
		for _, e := range es {
			f.readsOf(e)
		}
	}
	f.depth--
}

func (f *finder) readsOf(e ast.Expr) {
	if d, ok := f.handler(e); ok {
		f.looksAt(d)
		return
	}
	switch e := e.(type) {
	case *ast.IdentExpr:
		if phase := f.table(e); phase != "" {
			f.looksAt(Definition{Phase: phase})
		}
	case *ast.AttrGetExpr:
		f.reads(e.Object, e.Key)
	case *ast.FuncCallExpr:
		f.reads(e.Func, e.Receiver)
		f.reads(e.Args...)
	case *ast.TableExpr:
		for _, field := range e.Fields {
			f.reads(field.Key, field.Value)
		}
	case *ast.LogicalOpExpr:
		f.reads(e.Lhs, e.Rhs)
	case *ast.RelationalOpExpr:
		f.reads(e.Lhs, e.Rhs)
	case *ast.StringConcatOpExpr:
		f.reads(e.Lhs, e.Rhs)
	case *ast.ArithmeticOpExpr:
		f.reads(e.Lhs, e.Rhs)
	case *ast.UnaryNotOpExpr:
		f.reads(e.Expr)
	}
}

// looksAt notes that the definitions so far of one method, or of a whole phase, are read.
func (f *finder) looksAt(d Definition) {
	f.read = append(f.read, d)
	f.work += len(f.live)
	for i := range f.live {
		f.live[i].read = f.live[i].read || f.live[i].meets(d)
	}
}
