package check

import "github.com/yuin/gopher-lua/ast"

// maxDepth bounds the nesting of what is checked, and so the recursion of the checker and of the compiler that follows
// it. An operator with many operands nests too: a .. b .. c is two levels.
const maxDepth = 200

// binder walks a file once, finds out what each name means, and notes what is to be checked.
type binder struct {
	*source
	scope *scope
	fn    *ast.FunctionExpr // the function around the current place; nil in the main part
	depth int
	there map[string]int // names that are known to be there, see guard.go
}

// bind walks the file. It reports false, with s.deepest set, when the file is nested too deeply.
func (s *source) bind(chunk []ast.Stmt) bool {
	b := &binder{source: s, there: map[string]int{}}
	b.block(chunk)
	return s.deepest == 0
}

// enter goes one level down, unless that is too deep.
func (b *binder) enter(n ast.PositionHolder) bool {
	if b.deepest != 0 {
		return false
	}
	if b.depth++; b.depth > maxDepth {
		b.deepest = max(n.Line(), 1)
		return false
	}
	return true
}

func (b *binder) leave() { b.depth-- }

func (b *binder) open()  { b.scope = &scope{outer: b.scope, names: map[string]*variable{}} }
func (b *binder) close() { b.scope = b.scope.outer }

func (b *binder) block(stmts []ast.Stmt) {
	b.open()
	b.stmts(stmts)
	b.close()
}

func (b *binder) stmts(stmts []ast.Stmt) {
	for i, s := range stmts {
		if !b.enter(s) {
			return
		}
		b.stmt(s)
		b.leave()
		if s, ok := s.(*ast.IfStmt); ok && len(s.Else) == 0 && b.ends(s.Then) {
			if there := b.whenFalse(s.Condition); len(there) > 0 {
				b.guarded(there, func() { b.stmts(stmts[i+1:]) })
				return
			}
		}
	}
}

func (b *binder) declare(name string, line int, shape func(*unit) *shape) *variable {
	v := &variable{name: name, line: line, main: b.fn == nil, shape: shape}
	b.scope.names[name] = v
	b.declared = append(b.declared, v)
	return v
}

func (b *binder) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.LocalAssignStmt:
		b.local(s)
	case *ast.AssignStmt:
		b.exprs(s.Rhs)
		for i, target := range s.Lhs {
			var value ast.Expr
			if i < len(s.Rhs) {
				value = s.Rhs[i]
			}
			b.assign(target, value)
		}
	case *ast.FuncDefStmt:
		b.define(s)
	case *ast.FuncCallStmt:
		b.expr(s.Expr)
	case *ast.DoBlockStmt:
		b.block(s.Stmts)
	case *ast.WhileStmt:
		b.ask(s.Condition, false)
		b.guarded(b.whenTrue(s.Condition), func() { b.block(s.Stmts) })
	case *ast.RepeatStmt:
		b.open()
		b.stmts(s.Stmts)
		b.ask(s.Condition, false) // it sees the locals of the block
		b.close()
	case *ast.IfStmt:
		b.branches(s)
	case *ast.NumberForStmt:
		b.exprs([]ast.Expr{s.Init, s.Limit, s.Step})
		b.open()
		b.declare(s.Name, s.Line(), func(u *unit) *shape { return u.types.number })
		b.stmts(s.Stmts)
		b.close()
	case *ast.GenericForStmt:
		b.loop(s)
	case *ast.ReturnStmt:
		b.exprs(s.Exprs)
		if len(s.Exprs) == 1 && b.fn != nil {
			b.returns = append(b.returns, returned{s.Exprs[0], b.fn})
		} else if len(s.Exprs) == 1 {
			if t, ok := s.Exprs[0].(*ast.TableExpr); ok {
				b.handedOut = t.Fields
			}
		}
	}
}

// branches walks an if and its elseifs, which are nested in the tree, as a list.
func (b *binder) branches(s *ast.IfStmt) {
	var there []string // in the rest of the list
	for {
		b.guarded(there, func() {
			b.ask(s.Condition, false)
			b.guarded(b.whenTrue(s.Condition), func() { b.block(s.Then) })
		})
		there = append(there, b.whenFalse(s.Condition)...)
		next, chained := (*ast.IfStmt)(nil), false
		if len(s.Else) == 1 {
			next, chained = s.Else[0].(*ast.IfStmt)
		}
		if !chained {
			break
		}
		s = next
	}
	b.guarded(there, func() { b.block(s.Else) })
}

func (b *binder) local(s *ast.LocalAssignStmt) {
	if len(s.Names) == 1 && len(s.Exprs) == 1 {
		if fn, ok := s.Exprs[0].(*ast.FunctionExpr); ok {
			b.declare(s.Names[0], s.Line(), nil).function = true // first, since it may call itself
			b.expr(fn)
			return
		}
	}
	b.exprs(s.Exprs)
	for i, name := range s.Names {
		if i < len(s.Exprs) {
			value := s.Exprs[i]
			b.declare(name, s.Line(), func(u *unit) *shape { return u.shapeOf(value) })
		} else {
			b.declare(name, s.Line(), nil)
		}
	}
}

func (b *binder) loop(s *ast.GenericForStmt) {
	b.exprs(s.Exprs)
	b.open()
	for i, name := range s.Names {
		b.declare(name, s.Line(), func(u *unit) *shape { return u.loopShape(s, i) })
	}
	b.stmts(s.Stmts)
	b.close()
}

func (b *binder) define(s *ast.FuncDefStmt) {
	if s.Name.Method != "" {
		b.object(s.Name.Receiver)
		b.noteMember(s.Name.Receiver, s.Name.Method)
		b.function(s.Func, "self")
		return
	}
	b.assign(s.Name.Func, s.Func)
	if b.enter(s.Func) {
		b.function(s.Func)
		b.leave()
	}
}

// assign notes a write. It does not walk the value: the caller does, before or after.
func (b *binder) assign(target, value ast.Expr) {
	switch target := target.(type) {
	case *ast.IdentExpr:
		b.assignName(target, value)
	case *ast.AttrGetExpr:
		b.object(target.Object)
		b.expr(target.Key)
		b.accesses = append(b.accesses, access{target, true, value})
		if key, ok := constant(target.Key); ok {
			b.noteMember(target.Object, key)
		} else if id, ok := b.global(target.Object); ok {
			b.handOn(id.Value)
		}
		if fn, ok := value.(*ast.FunctionExpr); ok {
			b.noteEntry(target, fn)
		}
	}
}

func (b *binder) assignName(target *ast.IdentExpr, value ast.Expr) {
	if v := b.scope.find(target.Value); v != nil {
		v.assigned = true
		b.locals[target] = v
		return
	}
	b.assigned[target.Value] = true
	switch value := value.(type) {
	case *ast.FunctionExpr:
		b.functions[target.Value] = target.Line()
		if isEntry(target.Value) {
			b.entries[value] = entry{phase: target.Value}
		}
	case *ast.TableExpr:
		if isPhase(target.Value) {
			b.noteHandlers(target.Value, value)
		}
	}
}
