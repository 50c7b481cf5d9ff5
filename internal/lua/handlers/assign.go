package handlers

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// assign notes what an assignment defines, or takes back. A nil value means that the value is not known.
func (f *finder) assign(target, value ast.Expr) {
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
	f.live = append(f.live, defined{Definition: d, scope: f.at, table: table})
}

// replace drops the definitions whose place a new one takes. Where tell is true it reports one of them as a conflict,
// unless the script has read what it replaces.
func (f *finder) replace(d Definition, tell bool) {
	f.work += len(f.live)
	f.live = slices.DeleteFunc(f.live, func(a defined) bool {
		if !a.meets(d) || a.table && d.Method != "" || !f.within(a.scope, f.at) && !f.within(f.at, a.scope) {
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
