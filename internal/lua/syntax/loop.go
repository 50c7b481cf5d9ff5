package syntax

import "github.com/yuin/gopher-lua/ast"

func (r *rewriter) while(x *ast.WhileStmt, p place) ast.Stmt {
	r.expr(&x.Condition, p.deeper())
	var l loop
	locals := len(r.fn.locals)
	r.openBlock(&l)
	x.Stmts = r.block(x.Stmts, p.depth, false)
	r.closeBlock()
	truth, constant := constantTruth(x.Condition)
	if constant && !truth {
		r.fn.locals = r.fn.locals[:locals]
		return placed(&ast.DoBlockStmt{}, x)
	}
	whole := r.withBreaks(x, &l)
	if constant && firstOf(x.Stmts) != beginsWithCode {
		x.Stmts = afterNoop(x.Stmts, x)
	}
	return whole
}

func (r *rewriter) repeat(x *ast.RepeatStmt, p place) ast.Stmt {
	var l loop
	r.openBlock(&l)
	x.Stmts = r.block(x.Stmts, p.depth, true)
	r.expr(&x.Condition, p.deeper())
	r.closeBlock()
	whole := r.withBreaks(x, &l)
	if _, constant := constantTruth(x.Condition); firstOf(x.Stmts) == beginsWithJump || constant && firstOf(x.Stmts) == isEmpty {
		x.Stmts = afterNoop(x.Stmts, x)
	}
	return whole
}

func (r *rewriter) numberFor(x *ast.NumberForStmt, p place) ast.Stmt {
	r.expr(&x.Init, p.deeper())
	r.expr(&x.Limit, p.deeper())
	if x.Step != nil {
		r.expr(&x.Step, p.deeper())
	}
	var l loop
	r.openBlock(&l)
	r.reserve(x, 3)
	r.declare(x, x.Name)
	x.Stmts = r.block(x.Stmts, p.depth, false)
	r.closeBlock()
	return r.withBreaks(x, &l)
}

// genericFor rewrites a for over an iterator. The compiler leaves out values that are not written, and those that come
// from a call as the last of several expressions; and it computes the operands of the first expression in registers
// that it believes to be taken.
func (r *rewriter) genericFor(x *ast.GenericForStmt, p place) ast.Stmt {
	r.listed(x, max(len(x.Names), len(x.Exprs)))
	r.exprs(x.Exprs, p.deeper())
	var outer *ast.DoBlockStmt
	if callsFirst(x.Exprs[0]) {
		r.openBlock(nil)
		outer = r.precompute(x)
	}
	r.threeValues(x)
	var l loop
	r.openBlock(&l)
	r.reserve(x, 3)
	for _, name := range x.Names {
		r.declare(x, name)
	}
	x.Stmts = r.block(x.Stmts, p.depth, false)
	r.closeBlock()
	whole := r.withBreaks(x, &l)
	if firstOf(x.Stmts) == beginsWithJump {
		x.Stmts = afterNoop(x.Stmts, x)
	}
	if outer == nil {
		return whole
	}
	r.closeBlock()
	outer.Stmts = append(outer.Stmts, whole)
	return outer
}

// precompute puts the three values of a for into variables before the loop.
func (r *rewriter) precompute(x *ast.GenericForStmt) *ast.DoBlockStmt {
	values := placed(&ast.LocalAssignStmt{Exprs: x.Exprs}, x)
	x.Exprs = nil
	for i := range 3 {
		name := hiddenName("for", i)
		values.Names = append(values.Names, name)
		x.Exprs = append(x.Exprs, placed(&ast.IdentExpr{Value: name}, x))
		r.declare(x, name)
	}
	return placed(&ast.DoBlockStmt{Stmts: []ast.Stmt{values}}, x)
}

// threeValues makes the expressions of a for yield its three values. The compiler takes expressions beyond the number
// of names for superfluous, and lets a call among them return nothing if it is the last.
func (r *rewriter) threeValues(x *ast.GenericForStmt) {
	if n := len(x.Exprs); n <= 3 && yieldsMany(x.Exprs[n-1]) {
		for len(x.Names) < n {
			x.Names = append(x.Names, hiddenName("unused", len(x.Names)))
		}
		return
	}
	for len(x.Exprs) < 3 {
		x.Exprs = append(x.Exprs, placed(&ast.NilExpr{}, x))
	}
	switch x.Exprs[len(x.Exprs)-1].(type) {
	case *ast.FuncCallExpr, *ast.Comma3Expr, *ast.LogicalOpExpr:
		x.Exprs = append(x.Exprs, placed(&ast.NilExpr{}, x))
	}
}

func yieldsMany(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.FuncCallExpr:
		return !x.AdjustRet
	case *ast.Comma3Expr:
		return !x.AdjustRet
	}
	return false
}

// callsFirst reports whether the operand that an expression computes first is a call or `...`.
func callsFirst(e ast.Expr) bool {
	for {
		var first ast.Expr
		switch x := e.(type) {
		case *ast.FuncCallExpr:
			if first = x.Func; first == nil {
				first = x.Receiver
			}
		case *ast.AttrGetExpr:
			first = x.Object
		case *ast.ArithmeticOpExpr:
			first = x.Lhs
		case *ast.RelationalOpExpr:
			first = x.Lhs
		case *ast.UnaryMinusOpExpr:
			first = x.Expr
		case *ast.UnaryLenOpExpr:
			first = x.Expr
		case *ast.UnaryNotOpExpr:
			first = x.Expr
		case *ast.LogicalOpExpr:
			return true
		default:
			return false
		}
		switch first.(type) {
		case *ast.FuncCallExpr, *ast.Comma3Expr:
			return true
		}
		e = first
	}
}
