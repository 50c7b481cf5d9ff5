package check

import (
	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/bridge/luatype"
)

// Where values go, noted while a file is walked, and what they are made of. Two questions are answered by following
// this from place to place: what depends on options, and whether a value that is written is made of what was there.

// flow is a place where values go to: what is assigned to, or a variable that is declared, or a key of a table that is
// made.
type flow struct {
	from  []ast.Expr
	to    ast.Expr
	into  *variable
	table *ast.TableExpr
	key   string
	spot
}

// What values go to and are made of, beside variables, which stand for themselves, and functions, which stand for what
// they return.
type (
	globalName string
	moduleName string // what require returns for it
	// keyName is a key, of any table that a script makes, or of any that is not its own, such as the call's arguments.
	keyName struct {
		name  string
		given bool
	}
	// whole is a table with all its keys.
	whole struct{ of any }
)

const anyModule = moduleName("") // whose name cannot be seen

// chosen stands for the key by which a table that a script writes down is indexed: it decides which of its functions
// run.
type chosen struct {
	ast.ExprBase
	from *ast.TableExpr
}

// noteFlow notes that values go to a target: a name, or a key of a table.
func (b *binder) noteFlow(target ast.Expr, from ...ast.Expr) {
	b.flows = append(b.flows, flow{from: from, to: target, spot: b.here()})
}

// noteDeclared notes that values go to a local variable.
func (b *binder) noteDeclared(v *variable, from ...ast.Expr) {
	b.flows = append(b.flows, flow{from: from, into: v, spot: b.here()})
}

// noteField notes that a value goes to a key of a table where that is made.
func (b *binder) noteField(t *ast.TableExpr, f *ast.Field) {
	if key, ok := constant(f.Key); ok {
		b.flows = append(b.flows, flow{from: []ast.Expr{f.Value}, table: t, key: key, spot: b.here()})
	}
}

// noteKeyRead notes that the function around the current place reads a key.
func (b *binder) noteKeyRead(e *ast.AttrGetExpr) {
	if _, ok := constant(e.Key); ok {
		b.keyReads[b.fn], b.spots[e] = append(b.keyReads[b.fn], e), b.here()
		return
	}
	b.noteWhole(e.Object)
	if t := b.tableOf(e.Object); t != nil {
		b.choices[t] = append(b.choices[t], e.Key)
	}
}

// tableOf returns the table that is made there where an expression stands for one, or where its variable is declared;
// nil for none.
func (b *binder) tableOf(e ast.Expr) *ast.TableExpr {
	if id, ok := e.(*ast.IdentExpr); ok {
		if v := b.scope.find(id.Value); v != nil {
			e = v.value
		}
	}
	t, _ := e.(*ast.TableExpr)
	return t
}

// member walks a function that is put into a table: the key by which that is indexed decides whether it runs.
func (b *binder) member(target ast.Expr, walk func()) {
	if field, ok := target.(*ast.AttrGetExpr); ok {
		if t := b.tableOf(field.Object); t != nil {
			b.over([]ast.Expr{&chosen{from: t}}, either, walk)
			return
		}
	}
	walk()
}

// noteWhole notes that the function around the current place reads what any key of a table may hold.
func (b *binder) noteWhole(e ast.Expr) {
	if id, ok := e.(*ast.IdentExpr); ok {
		b.wholes[b.fn] = append(b.wholes[b.fn], id)
	}
}

// goesTo returns where the values of a flow go, and the name by which they are read there.
func (u *unit) goesTo(s *source, f flow) (to any, name string) {
	switch {
	case f.into != nil:
		return f.into, f.into.name
	case f.to != nil:
		return u.target(s, f.to)
	}
	return keyName{name: f.key}, f.key
}

// target returns where values go that are assigned, and the name by which they are read there.
func (u *unit) target(s *source, e ast.Expr) (to any, name string) {
	switch e := e.(type) {
	case *ast.IdentExpr:
		return u.node(s, e), e.Value
	case *ast.AttrGetExpr:
		if key, ok := constant(e.Key); ok {
			return u.keyOf(e.Object, key), key
		}
		return u.target(s, e.Object)
	}
	return nil, ""
}

// callee is what a call calls: a function of a library, or one of a name of the script's, and what it gets.
type callee struct {
	library, name string
	args          []ast.Expr // with the object before them where it is a method
}

func (u *unit) callee(s *source, c call) (to callee) {
	to.name, to.args = c.Method, c.Args
	switch fn := c.Func.(type) {
	case nil:
		to.args = append([]ast.Expr{c.Receiver}, c.Args...)
		to.library, _ = u.library(c.Receiver)
	case *ast.IdentExpr:
		if to.name = fn.Value; s.locals[fn] == nil && !u.assigned(to.name) {
			if _, known := u.schema.Globals[to.name]; known {
				to.library = to.name
			}
		}
	case *ast.AttrGetExpr:
		to.name, _ = constant(fn.Key)
		to.library, _ = u.library(fn.Object)
	}
	return to
}

// fills reports whether the function may put something into a table that it gets.
func (c callee) fills() bool {
	switch c.library {
	case "", "table", "rawset", "setmetatable":
		return true
	}
	return false
}

// takers returns who may get the arguments of a call from it: functions among them, and the variables of tables that it
// may fill.
func (u *unit) takers(s *source, to callee) (all []any) {
	for _, arg := range to.args {
		switch arg := arg.(type) {
		case *ast.FunctionExpr:
			all = append(all, arg)
		case *ast.IdentExpr:
			v := s.locals[arg]
			if fn := s.meant(arg); fn != nil {
				all = append(all, fn)
			} else if v != nil && to.fills() && v.kind == localVariable && u.mayBeTable(v.value) {
				all = append(all, v)
			}
		}
	}
	return all
}

// mayBeTable reports whether a value is a table that is made there, or what a call returns that may be one.
func (u *unit) mayBeTable(e ast.Expr) bool {
	switch e.(type) {
	case *ast.TableExpr:
		return true
	case *ast.FuncCallExpr:
		s := u.shapeOf(e)
		return s == nil || s.kind != luatype.String && s.kind != luatype.Number && s.kind != luatype.Boolean
	}
	return false
}

func (u *unit) node(s *source, id *ast.IdentExpr) any {
	if v := s.locals[id]; v != nil {
		return v
	}
	return globalName(id.Value)
}

// keyOf returns a key of an object.
func (u *unit) keyOf(object ast.Expr, name string) keyName { return keyName{name, u.isGiven(object)} }

// isGiven reports whether a value is known to be no table of a script's, but one that it is given, or a part of that.
func (u *unit) isGiven(e ast.Expr) bool {
	if known, ok := u.given[e]; ok {
		return known
	}
	u.given[e] = false
	if s := u.shapeOf(e); s != nil {
		u.given[e] = s.module == ""
		return u.given[e]
	}
	switch e := e.(type) {
	case *ast.AttrGetExpr:
		u.given[e] = u.isGiven(e.Object)
	case *ast.IdentExpr:
		if v := u.local(e); v != nil && !v.assigned && v.value != nil {
			u.given[e] = u.isGiven(v.value)
		}
	}
	return u.given[e]
}

// parts returns what a value is made of: names and keys, and values of its own.
func (u *unit) parts(s *source, e ast.Expr) (names []any, values []ast.Expr) {
	anyKey := func(e ast.Expr) {
		if id, ok := e.(*ast.IdentExpr); ok {
			names = append(names, whole{u.node(s, id)})
		}
	}
	switch e := e.(type) {
	case *ast.IdentExpr:
		names = append(names, u.node(s, e))
	case *ast.FunctionExpr:
		names = append(names, e)
	case *chosen:
		values = s.choices[e.from]
	case *ast.AttrGetExpr:
		values = []ast.Expr{e.Object}
		if key, ok := constant(e.Key); ok {
			names = append(names, u.keyOf(e.Object, key))
		} else {
			values = append(values, e.Key)
			anyKey(e.Object)
		}
	case *ast.FuncCallExpr:
		if e.Func != nil {
			values = append(values, e.Func)
		} else {
			values = append(values, e.Receiver)
			names = append(names, u.keyOf(e.Receiver, e.Method))
		}
		values = append(values, e.Args...)
		if u.isBuiltin(e.Func, "require") && len(e.Args) == 1 {
			name, _ := written(e.Args[0])
			names = append(names, moduleName(name))
		}
		for _, arg := range e.Args {
			anyKey(arg)
		}
	case *ast.UnaryLenOpExpr:
		values = []ast.Expr{e.Expr}
		anyKey(e.Expr)
	case *ast.UnaryNotOpExpr:
		values = []ast.Expr{e.Expr}
	case *ast.UnaryMinusOpExpr:
		values = []ast.Expr{e.Expr}
	case *ast.LogicalOpExpr:
		values = []ast.Expr{e.Lhs, e.Rhs}
	case *ast.RelationalOpExpr:
		values = []ast.Expr{e.Lhs, e.Rhs}
	case *ast.StringConcatOpExpr:
		values = []ast.Expr{e.Lhs, e.Rhs}
	case *ast.ArithmeticOpExpr:
		values = []ast.Expr{e.Lhs, e.Rhs}
	case *ast.TableExpr:
		for _, f := range e.Fields {
			if _, ok := constant(f.Key); ok {
				continue
			}
			if values = append(values, f.Value); f.Key != nil {
				values = append(values, f.Key)
			}
		}
	}
	return names, values
}
