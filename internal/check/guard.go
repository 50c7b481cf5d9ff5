package check

import (
	"fmt"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// Asking whether a name is there is no mistake, and where the answer is known to be yes, neither is using it:
//
//	if io then io.write("x") end
//	local unpack = unpack or table.unpack
//
// A guard is the name of a global, or of a member of one such as "table.unpack", that is known to be there.

// guarded walks a part of the file in which the names are known to be there.
func (b *binder) guarded(names []string, walk func()) {
	b.know(names)
	walk()
	b.forget(names)
}

func (b *binder) know(names []string) {
	for _, name := range names {
		b.there[name]++
	}
}

func (b *binder) forget(names []string) {
	for _, name := range names {
		b.there[name]--
	}
}

// guardName returns the name that an expression reads; "" for none that can be guarded.
func (b *binder) guardName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.IdentExpr:
		if id, ok := b.global(e); ok {
			return id.Value
		}
	case *ast.AttrGetExpr:
		id, isGlobal := b.global(e.Object)
		key, ok := constant(e.Key)
		switch {
		case ok && !isGlobal:
			return b.localGuard(e.Object, key)
		case !ok:
		case id.Value == "_G":
			return key
		default:
			return id.Value + "." + key
		}
	case *ast.FuncCallExpr:
		if id, ok := b.global(e.Func); ok && id.Value == "rawget" && len(e.Args) == 2 {
			return b.guardName(&ast.AttrGetExpr{Object: e.Args[0], Key: e.Args[1]})
		}
	}
	return ""
}

// localGuard is the name of a key of a local variable. It begins with a blank, which no name of a global does.
func (b *binder) localGuard(object ast.Expr, key string) string {
	id, ok := object.(*ast.IdentExpr)
	if !ok {
		return ""
	}
	return fmt.Sprintf(" %p.%s", b.scope.find(id.Value), key)
}

func isLocalGuard(name string) bool { return strings.HasPrefix(name, " ") }

// ask walks an expression that is only asked whether it is there or, where wanted is true, whose value is used as well.
func (b *binder) ask(e ast.Expr, wanted bool) {
	if name := b.guardName(e); name != "" {
		if _, isCall := e.(*ast.FuncCallExpr); !isCall {
			if option, ok := e.(*ast.AttrGetExpr); ok && isOption(name) && b.there[name] == 0 {
				b.accesses = append(b.accesses, access{AttrGetExpr: option, asked: true, spot: b.here()})
			}
			b.guarded([]string{name}, func() {
				if wanted {
					b.expr(e)
				} else {
					b.asked = e
					b.object(e)
				}
			})
			return
		}
	}
	switch e := e.(type) {
	case *ast.LogicalOpExpr:
		b.logical(e, wanted)
	case *ast.UnaryNotOpExpr:
		b.ask(e.Expr, false)
	case *ast.RelationalOpExpr:
		if other := againstNil(e); other != nil {
			b.ask(other, false)
			return
		}
		b.expr(e)
	default:
		b.expr(e)
	}
}

// logical walks an `and`, whose right side runs when the left is there, or an `or`, whose right side runs when it is
// not.
func (b *binder) logical(e *ast.LogicalOpExpr, wanted bool) {
	if !b.enter(e) {
		return
	}
	defer b.leave()
	b.ask(e.Lhs, wanted && e.Operator == "or")
	right := func() { b.expr(e.Rhs) }
	if !wanted || e.Operator == "or" && b.isChoice(e.Lhs) && b.isChoice(e.Rhs) {
		right = func() { b.ask(e.Rhs, wanted) }
	}
	taken := b.branch(func() {
		b.noteAbsent(e.Lhs, e.Operator == "and")
		b.guarded(b.proved(e.Lhs, e.Operator == "and"), func() { b.under(e.Lhs, e.Operator == "and", right) })
	})
	b.note(step{kind: branchStep, branches: [][]step{taken, nil}})
}

// isChoice reports whether an expression is a name that a version of Lua may or may not have, or a choice of several,
// as in `bit32 or bit`. An option is no such name: what stands in for one must be there.
func (b *binder) isChoice(e ast.Expr) bool {
	if or, ok := e.(*ast.LogicalOpExpr); ok && or.Operator == "or" {
		return b.isChoice(or.Rhs)
	}
	name := b.guardName(e)
	return name != "" && !strings.HasPrefix(name, "options.")
}

// proved returns the names that are there when an expression is true or, where isTrue is false, when it is false.
func (b *binder) proved(e ast.Expr, isTrue bool) []string {
	if b.deepest != 0 {
		return nil // what is nested too deeply is not followed to its end
	}
	if name := b.guardName(e); name != "" && isTrue {
		return []string{name}
	}
	switch e := e.(type) {
	case *ast.LogicalOpExpr:
		if (e.Operator == "and") == isTrue {
			return append(b.proved(e.Lhs, isTrue), b.proved(e.Rhs, isTrue)...)
		}
	case *ast.UnaryNotOpExpr:
		return b.proved(e.Expr, !isTrue)
	case *ast.RelationalOpExpr:
		return b.compared(e, isTrue)
	}
	return nil
}

// compared returns the name that a comparison of x with nil, or of type(x) with a text, proves to be there when it is
// true or false: that of x. It returns nil where nothing is proved.
func (b *binder) compared(e *ast.RelationalOpExpr, isTrue bool) []string {
	if e.Operator != "==" && e.Operator != "~=" {
		return nil
	}
	operator := "=="
	if isTrue {
		operator = "~="
	}
	if other := againstNil(e); other != nil && e.Operator == operator {
		if name := b.guardName(other); name != "" {
			return []string{name}
		}
	}
	for _, side := range [][2]ast.Expr{{e.Lhs, e.Rhs}, {e.Rhs, e.Lhs}} {
		text, ok := constant(side[1])
		call, isCall := side[0].(*ast.FuncCallExpr)
		if !ok || !isCall || !b.asksType(call) {
			continue
		}
		isNil := text == "nil"
		if name := b.guardName(call.Args[0]); name != "" && (e.Operator == operator) == isNil {
			return []string{name}
		}
	}
	return nil
}

// asksType reports whether a call is type(x).
func (b *binder) asksType(e *ast.FuncCallExpr) bool {
	id, ok := b.global(e.Func)
	return ok && id.Value == "type" && len(e.Args) == 1
}

// againstBoolean returns the option that is compared with true or false, as one that may not be set; nil for none.
func (b *binder) againstBoolean(e *ast.RelationalOpExpr) ast.Expr {
	for _, side := range [][2]ast.Expr{{e.Lhs, e.Rhs}, {e.Rhs, e.Lhs}} {
		switch side[1].(type) {
		case *ast.TrueExpr, *ast.FalseExpr:
			if isOption(b.guardName(side[0])) {
				return side[0]
			}
		}
	}
	return nil
}

func isOption(guard string) bool { return strings.HasPrefix(guard, "options.") }

// againstNil returns what is compared with nil; nil where nothing is.
func againstNil(e *ast.RelationalOpExpr) ast.Expr {
	if e.Operator != "==" && e.Operator != "~=" {
		return nil
	}
	if _, ok := e.Rhs.(*ast.NilExpr); ok {
		return e.Lhs
	}
	if _, ok := e.Lhs.(*ast.NilExpr); ok {
		return e.Rhs
	}
	return nil
}

// raises reports whether a function, by what is known so far, is one that raises an error.
func (b *binder) raises(fn ast.Expr) bool {
	id, ok := b.global(fn)
	return ok && raising(id.Value)
}

func raising(name string) bool { return name == "error" || name == "reject" }

// ends reports whether control never runs from the end of a block to what follows it, so that what follows is reached
// only when the block did not run.
func ends(block []ast.Stmt, raises func(ast.Expr) bool) bool {
	return len(block) > 0 && stops(block[len(block)-1], raises)
}

// stops reports whether control never runs past a statement.
func stops(s ast.Stmt, raises func(ast.Expr) bool) bool {
	switch s := s.(type) {
	case *ast.IfStmt:
		return ends(s.Then, raises) && ends(s.Else, raises)
	case *ast.DoBlockStmt:
		return ends(s.Stmts, raises)
	case *ast.ReturnStmt, *ast.BreakStmt, *ast.GotoStmt:
		return true
	case *ast.FuncCallStmt:
		call, ok := s.Expr.(*ast.FuncCallExpr)
		return ok && raises(call.Func)
	}
	return false
}
