package check

import (
	"fmt"
	"strconv"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/bridge/luatype"
	"github.com/hookrun/hookrun/internal/lua/syntax"
	"github.com/hookrun/hookrun/internal/scriptapi"
)

// shapeOf returns what is known of an expression's value; nil where nothing is.
func (u *unit) shapeOf(e ast.Expr) *shape {
	if s, ok := u.shapes[e]; ok {
		return s
	}
	s := u.infer(e)
	u.shapes[e] = s
	return s
}

func (u *unit) infer(e ast.Expr) *shape {
	switch e := e.(type) {
	case *ast.StringExpr:
		return u.types.text
	case *ast.NumberExpr, *ast.UnaryLenOpExpr:
		return u.types.number
	case *ast.UnaryNotOpExpr, *ast.RelationalOpExpr:
		return u.types.boolean
	case *ast.IdentExpr:
		return u.nameShape(e)
	case *ast.AttrGetExpr:
		return u.keyShape(u.shapeOf(e.Object), e.Key)
	case *ast.LogicalOpExpr:
		if e.Operator == "and" {
			return u.shapeOf(e.Rhs) // or it is false or nil, of which a script asks nothing more
		}
		return u.orShape(e)
	case *ast.FuncCallExpr:
		return u.returnShape(e, 0)
	}
	return nil
}

// returnShape is the shape of the n-th value, from 0, that a call returns.
func (u *unit) returnShape(e *ast.FuncCallExpr, n int) *shape {
	if u.isBuiltin(e.Func, "require") && len(e.Args) == 1 && n == 0 {
		name, _ := written(e.Args[0])
		return u.moduleShape(name)
	}
	name, fn := u.libraryFunction(e)
	if name == "" || n >= len(fn.Returns) {
		return nil
	}
	return u.types.declared(fn.Returns[n])
}

// libraryFunction returns the function of the library that a call is to; "" for another one. It may be called as a
// method of a text.
func (u *unit) libraryFunction(e *ast.FuncCallExpr) (name string, fn scriptapi.Function) {
	switch member := e.Func.(type) {
	case nil:
		if s := u.shapeOf(e.Receiver); s == nil || s.kind != luatype.String || u.addsMethod(e.Method) {
			return "", fn
		}
		name = "string." + e.Method
	case *ast.IdentExpr:
		if name = member.Value; u.blind || !u.isBuiltin(member, name) {
			return "", fn
		}
	case *ast.AttrGetExpr:
		library, _ := u.library(member.Object)
		key, _ := constant(member.Key)
		if name = library + "." + key; u.anywhere(func(s *source) bool { return s.members[library][key] }) {
			return "", fn
		}
	}
	fn, known := scriptapi.Functions()[name]
	if !known {
		return "", fn
	}
	return name, fn
}

func (u *unit) nameShape(id *ast.IdentExpr) *shape {
	if v := u.local(id); v != nil {
		if v.assigned || v.shape == nil {
			return nil
		}
		return v.shape(u)
	}
	switch {
	case u.isBuiltin(id, "options"):
		return u.types.options
	case u.isBuiltin(id, "service"):
		return u.types.service
	}
	return nil
}

func (u *unit) keyShape(object *shape, key ast.Expr) *shape {
	if object == nil {
		return nil
	}
	name, ok := constant(key)
	switch object.kind {
	case luatype.Record:
		if ok {
			return object.fields[name]
		}
	case luatype.List:
		if !ok {
			return object.elem
		}
	case luatype.Map, luatype.Any:
		return object.elem
	}
	return nil
}

// laterShape is the shape of a variable that gets a later value of the call at the end of a list.
func (b *binder) laterShape(values []ast.Expr, i int) func(*unit) *shape {
	if len(values) == 0 {
		return nil
	}
	call, ok := values[len(values)-1].(*ast.FuncCallExpr)
	if !ok {
		return nil
	}
	return func(u *unit) *shape { return u.returnShape(call, i-len(values)+1) }
}

// orShape is the shape of `a or b`, where b stands in for a missing a. It is known when b adds nothing to a.
func (u *unit) orShape(e *ast.LogicalOpExpr) *shape {
	s := u.shapeOf(e.Lhs)
	if s == nil || s.readOnly {
		return nil // what stands in for an option is the script's own, which it may change
	}
	switch b := e.Rhs.(type) {
	case *ast.NilExpr, *ast.FalseExpr:
		return s
	case *ast.TableExpr:
		if len(b.Fields) == 0 && luaType(s.kind) == "table" {
			return s
		}
	}
	if u.shapeOf(e.Rhs) == s {
		return s
	}
	return nil
}

// loopShape is the shape of a variable of a `for in` loop.
func (u *unit) loopShape(s *ast.GenericForStmt, i int) *shape {
	call, ok := s.Exprs[0].(*ast.FuncCallExpr)
	if !ok || len(s.Exprs) != 1 || len(call.Args) != 1 || i > 1 {
		return nil
	}
	over := u.shapeOf(call.Args[0])
	switch {
	case u.isBuiltin(call.Func, "ipairs"):
		if i == 0 {
			return u.types.number
		}
		if over != nil && over.kind != luatype.Record {
			return over.elem
		}
	case u.isBuiltin(call.Func, "pairs") && over != nil:
		if i == 1 {
			return over.elem
		}
		if over.kind == luatype.Record || over.kind == luatype.Map {
			return u.types.text
		}
	}
	return nil
}

// paramShape is the shape of the i-th parameter, from 0, of a function: known for the functions that the engine alone
// calls.
func (u *unit) paramShape(fn *ast.FunctionExpr, i int) *shape {
	e, ok := u.entry(fn)
	i = e.nth(i)
	switch {
	case !ok:
		return nil
	case e.phase == "periodic":
		return []*shape{u.types.shares, u.types.number, nil}[min(i, 2)]
	case i == 0:
		return u.types.call(e)
	case i == 1 && e.phase == "post":
		return u.types.result(e.method)
	case i == 1 && e.phase == "failed":
		return u.types.failure
	case i == 1 && e.phase == "finally":
		return u.types.outcome(e.method)
	}
	return nil
}

// entry returns what the engine alone calls a function for. It returns false where a script may call it as well, or
// have it called for something else: what it gets is not known then.
func (u *unit) entry(fn *ast.FunctionExpr) (entry, bool) {
	for _, s := range u.sources {
		if e, ok := s.entries[fn]; ok {
			return e, !u.anywhere(func(s *source) bool { return s.taken[e.phase] || s.taken[e.name()] || s.reachesGlobals })
		}
	}
	return entry{}, false
}

// path writes an expression as its author did, for messages; "" where it is more than names and keys.
func path(e ast.Expr) (text string) {
	const longest = 80
	switch e := e.(type) {
	case *ast.IdentExpr:
		text = e.Value
	case *ast.AttrGetExpr:
		if text = path(e.Object); text != "" {
			text += keyText(e.Key)
		}
	}
	if len(text) > longest {
		return ""
	}
	return text
}

func keyText(key ast.Expr) string {
	switch k := key.(type) {
	case *ast.StringExpr:
		if syntax.IsName(k.Value) {
			return "." + k.Value
		}
		return fmt.Sprintf("[%s]", strconv.Quote(k.Value))
	case *ast.NumberExpr:
		return "[" + k.Value + "]"
	case *ast.IdentExpr:
		return "[" + k.Value + "]"
	}
	return "[...]"
}
