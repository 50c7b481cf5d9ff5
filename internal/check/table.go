package check

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/bridge/luatype"
)

// What a file returns, where that is a table all of whose keys can be seen: those in its constructor, and those that
// are assigned by name. A table that is handed on may get others.

// noteKey notes that a key of an object gets a value.
func (b *binder) noteKey(object ast.Expr, key string, value ast.Expr) {
	b.keys[key] = append(b.keys[key], object)
	id, ok := object.(*ast.IdentExpr)
	if !ok {
		return
	}
	if v := b.scope.find(id.Value); v != nil {
		if v.keys == nil {
			v.keys = map[string]ast.Expr{}
		}
		v.keys[key] = value
	}
}

// handsOn notes that a local variable's value goes where it cannot be followed.
func (b *binder) handsOn(e ast.Expr) {
	if id, ok := e.(*ast.IdentExpr); ok {
		if v := b.scope.find(id.Value); v != nil {
			v.handed = true
		}
	}
}

// look walks an expression whose value is looked at, and not handed on.
func (b *binder) look(e ast.Expr) {
	if id, ok := e.(*ast.IdentExpr); ok && b.scope.find(id.Value) != nil {
		b.read(id)
		return
	}
	b.expr(e)
}

// looksOnly reports whether a call of the library does no more with its n-th argument, from 0, than to look at it.
func (b *binder) looksOnly(e *ast.FuncCallExpr, n int) bool {
	id, ok := b.global(e.Func)
	if !ok {
		return false
	}
	switch id.Value {
	case "pairs", "ipairs", "next", "type", "tostring", "rawget", "rawequal", "print":
		return true
	case "setmetatable":
		return n == 1
	}
	return false
}

// isOwnIndex reports whether an assignment is that of a class, M.__index = M.
func isOwnIndex(target, value ast.Expr) bool {
	field, ok := target.(*ast.AttrGetExpr)
	if !ok {
		return false
	}
	object, isName := field.Object.(*ast.IdentExpr)
	same, isSame := value.(*ast.IdentExpr)
	key, _ := constant(field.Key)
	return isName && isSame && key == "__index" && object.Value == same.Value
}

// exports returns the keys of the table that the file returns, with their values; false where they cannot be seen.
func (s *source) exports() (map[string]ast.Expr, bool) {
	if len(s.results) != 1 || len(s.results[0].Exprs) != 1 {
		return nil, false
	}
	return s.keysOf(s.results[0].Exprs[0])
}

// isExported reports whether an expression names the table that the file returns.
func (s *source) isExported(e ast.Expr) bool {
	id, ok := e.(*ast.IdentExpr)
	if !ok || len(s.results) != 1 || len(s.results[0].Exprs) != 1 {
		return false
	}
	result, ok := s.results[0].Exprs[0].(*ast.IdentExpr)
	return ok && s.locals[id] != nil && s.locals[id] == s.locals[result]
}

func (s *source) keysOf(e ast.Expr) (map[string]ast.Expr, bool) {
	switch e := e.(type) {
	case *ast.TableExpr:
		keys := map[string]ast.Expr{}
		for _, f := range e.Fields {
			key, ok := constant(f.Key)
			if !ok {
				return nil, false
			}
			keys[key] = f.Value
		}
		return keys, true
	case *ast.IdentExpr:
		v := s.locals[e]
		if v == nil || v.assigned || v.handed || v.fn != nil {
			return nil, false
		}
		t, ok := v.value.(*ast.TableExpr)
		if !ok {
			return nil, false
		}
		keys, ok := s.keysOf(t)
		for key, value := range v.keys {
			if ok {
				keys[key] = value
			}
		}
		return keys, ok
	}
	return nil, false
}

// moduleShape is the shape of what require returns for a module; nil where that cannot be seen.
func (u *unit) moduleShape(name string) *shape {
	s := u.modules[name]
	if s == nil || u.blind {
		return nil
	}
	if known, ok := u.exports[name]; ok {
		return known
	}
	u.exports[name] = nil
	if keys, ok := s.exports(); ok {
		u.exports[name] = &shape{kind: luatype.Record, fields: map[string]*shape{}, module: name, open: true}
		for key := range keys {
			u.exports[name].fields[key] = nil
		}
	}
	return u.exports[name]
}

// adds reports whether some file may give a value of an open shape a key that the shape does not have.
func (u *unit) adds(s *shape, key string) bool {
	return u.anywhere(func(in *source) bool {
		u.spend(len(in.keys[key]))
		for _, object := range in.keys[key] {
			if u.shapeOf(object) == s {
				return true
			}
			id, isName := object.(*ast.IdentExpr)
			if v := u.local(id); isName && v != nil && v.kind == parameter && (v.of == nil || in == u.modules[s.module] && in.isExported(v.of)) {
				return true
			}
		}
		return false
	})
}

// Methods returns the methods of the host object for which a file stands in: the functions in the table that it
// returns, or else the global functions that it defines. It returns false where they cannot be seen: a module may
// define globals as well.
func Methods(m Module) (methods []string, ok bool) {
	u := newUnit(Schema{})
	u.add(m.File, m.Source)
	if len(u.sources) == 0 {
		return nil, false
	}
	s := u.sources[0]
	if len(s.results) == 0 {
		if u.blind || len(s.requires) > 0 {
			return nil, false
		}
		return names(s.callable), true
	}
	keys, ok := s.exports()
	if !ok {
		return nil, false
	}
	for key, value := range keys {
		if isFunction(value) {
			methods = append(methods, key)
		}
	}
	slices.Sort(methods)
	return methods, true
}

// isFunction reports whether a value may be a function.
func isFunction(e ast.Expr) bool {
	switch e.(type) {
	case *ast.NumberExpr, *ast.StringExpr, *ast.TrueExpr, *ast.FalseExpr, *ast.NilExpr, *ast.TableExpr:
		return false
	}
	return true
}
