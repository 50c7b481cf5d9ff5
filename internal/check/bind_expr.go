package check

import "github.com/yuin/gopher-lua/ast"

func (b *binder) exprs(es []ast.Expr) {
	for _, e := range es {
		b.expr(e)
	}
}

func (b *binder) expr(e ast.Expr) {
	if e == nil || !b.enter(e) {
		return
	}
	defer b.leave()
	switch e := e.(type) {
	case *ast.IdentExpr:
		if b.read(e) {
			b.handOn(e.Value)
		}
	case *ast.AttrGetExpr:
		b.object(e.Object)
		b.expr(e.Key)
		if b.there[b.guardName(e)] == 0 {
			b.accesses = append(b.accesses, access{AttrGetExpr: e})
		}
		b.readThroughG(e)
	case *ast.FuncCallExpr:
		b.call(e)
	case *ast.FunctionExpr:
		b.function(e)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			b.expr(f.Key)
			b.expr(f.Value)
		}
	case *ast.RelationalOpExpr:
		if other := againstNil(e); other != nil {
			b.ask(other, false)
			return
		}
		b.expr(e.Lhs)
		b.expr(e.Rhs)
		b.comparisons = append(b.comparisons, e)
	case *ast.LogicalOpExpr:
		b.logical(e, true)
	case *ast.StringConcatOpExpr:
		b.expr(e.Lhs)
		b.expr(e.Rhs)
	case *ast.ArithmeticOpExpr:
		b.expr(e.Lhs)
		b.expr(e.Rhs)
	case *ast.UnaryMinusOpExpr:
		b.expr(e.Expr)
	case *ast.UnaryNotOpExpr:
		b.ask(e.Expr, false)
	case *ast.UnaryLenOpExpr:
		b.expr(e.Expr)
	}
}

// function walks a function with the given parameters before those it names.
func (b *binder) function(fn *ast.FunctionExpr, before ...string) {
	outer := b.fn
	b.open()
	for _, name := range before {
		b.declare(name, fn.Line(), nil)
	}
	b.fn = fn
	for i, name := range fn.ParList.Names {
		b.declare(name, fn.Line(), func(u *unit) *shape { return u.paramShape(fn, i) })
	}
	b.stmts(fn.Stmts)
	b.fn = outer
	b.close()
}

func (b *binder) call(e *ast.FuncCallExpr) {
	if e.Func != nil {
		b.object(e.Func)
	} else {
		b.object(e.Receiver)
	}
	switch {
	case b.asksType(e):
		b.ask(e.Args[0], false)
	case b.guardName(e) != "": // rawget(_G, "name")
		b.object(e.Args[0])
		b.handOn(b.guardName(e))
	case b.protects(e) != nil:
		b.object(e.Args[0])
		b.exprs(e.Args[1:])
	default:
		b.exprs(e.Args)
	}
	b.calls = append(b.calls, call{e, b.fn})
	b.noteRequire(e)
}

// noteRequire notes a call of require, also by way of pcall.
func (b *binder) noteRequire(e *ast.FuncCallExpr) {
	fn, args := e.Func, e.Args
	if inner := b.protects(e); inner != nil {
		fn, args = inner, args[1:]
	}
	if id, ok := b.global(fn); !ok || id.Value != "require" {
		return
	}
	name, known := "", false
	if len(args) == 1 {
		name, known = written(args[0])
	}
	if known {
		b.requires = append(b.requires, name)
	} else {
		b.requiresAny = true
	}
}

// protects returns the function of pcall(require, ...); nil for other calls.
func (b *binder) protects(e *ast.FuncCallExpr) ast.Expr {
	if id, ok := b.global(e.Func); !ok || id.Value != "pcall" || len(e.Args) == 0 {
		return nil
	}
	if id, ok := b.global(e.Args[0]); !ok || id.Value != "require" {
		return nil
	}
	return e.Args[0]
}

// object walks what is indexed or called. That does not hand on a global table.
func (b *binder) object(e ast.Expr) {
	if id, ok := e.(*ast.IdentExpr); ok {
		b.read(id)
		return
	}
	b.expr(e)
}

// read finds out what a name means, and reports whether it is a global.
func (b *binder) read(id *ast.IdentExpr) bool {
	if v := b.scope.find(id.Value); v != nil {
		v.used = true
		b.locals[id] = v
		return false
	}
	b.used[id.Value] = true
	if b.there[id.Value] == 0 {
		b.globals = append(b.globals, globalRead{id, b.scope})
	}
	return true
}

// global returns the expression as a name when it names a global.
func (b *binder) global(e ast.Expr) (*ast.IdentExpr, bool) {
	id, ok := e.(*ast.IdentExpr)
	if !ok || b.scope.find(id.Value) != nil {
		return nil, false
	}
	return id, true
}

// handOn notes that the table in a global may be changed in places that cannot be seen.
func (b *binder) handOn(name string) {
	b.escaped[name] = true
	switch name {
	case "_G":
		b.reachesGlobals = true
	case "require":
		b.requiresAny = true
	}
}

// readThroughG notes _G.name, which hands on what the name means.
func (b *binder) readThroughG(e *ast.AttrGetExpr) {
	id, ok := b.global(e.Object)
	if !ok || id.Value != "_G" {
		return
	}
	if key, ok := constant(e.Key); ok {
		b.used[key] = true
		b.handOn(key)
	} else {
		b.handOn("_G")
	}
}

// noteMember notes that a key of a global table gets a value.
func (b *binder) noteMember(table ast.Expr, key string) {
	id, ok := b.global(table)
	switch {
	case !ok:
	case id.Value == "_G":
		b.assigned[key] = true
	default:
		if b.members[id.Value] == nil {
			b.members[id.Value] = map[string]bool{}
		}
		b.members[id.Value][key] = true
	}
}

// noteEntry notes a function that is assigned to a method's key of pre, post, failed or finally.
func (b *binder) noteEntry(target *ast.AttrGetExpr, fn *ast.FunctionExpr) {
	id, ok := b.global(target.Object)
	method, known := constant(target.Key)
	if ok && known && isPhase(id.Value) {
		b.entries[fn] = entry{id.Value, method}
	}
}

// noteHandlers notes the functions of a table that is assigned to pre, post or failed.
func (b *binder) noteHandlers(phase string, t *ast.TableExpr) {
	for _, f := range t.Fields {
		method, ok := constant(f.Key)
		if !ok {
			continue
		}
		b.handlers = append(b.handlers, handler{phase, method, f.Key.Line()})
		if fn, ok := f.Value.(*ast.FunctionExpr); ok {
			b.entries[fn] = entry{phase, method}
		}
	}
}
