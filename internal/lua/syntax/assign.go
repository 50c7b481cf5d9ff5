package syntax

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// assign rewrites an assignment. The compiler evaluates straight into local variables, and assigns to several targets
// one after another, as if no value depended on what is assigned. Where a value may depend on it, the values first go
// into variables of their own.
func (r *rewriter) assign(x *ast.AssignStmt, p place) ast.Stmt {
	r.listed(x, max(len(x.Lhs), len(x.Rhs)))
	for i := range x.Lhs {
		if name, ok := x.Lhs[i].(*ast.IdentExpr); ok && r.isLocal(name) {
			r.lookup(name.Value).local.assigned = true
		}
		r.expr(&x.Lhs[i], p)
		guardObject(x.Lhs[i])
	}
	r.exprs(x.Rhs, p)
	if len(x.Lhs) == 1 && len(x.Rhs) == 1 {
		return r.assignOne(x)
	}
	if r.assignsSafely(x) {
		return x
	}
	return r.assignFromCopies(x)
}

// guardObject keeps the compiler from taking a number or string that is indexed for the number of a register.
func guardObject(target ast.Expr) {
	x, ok := target.(*ast.AttrGetExpr)
	if !ok {
		return
	}
	switch o := x.Object.(type) {
	case *ast.NumberExpr, *ast.StringExpr, *ast.ArithmeticOpExpr, *ast.UnaryMinusOpExpr:
		x.Object = computed(o)
	}
}

// computed wraps a constant that is neither false nor nil in an expression that the compiler does not take for a
// constant.
func computed(e ast.Expr) ast.Expr {
	return placed(&ast.LogicalOpExpr{Operator: "or", Lhs: e, Rhs: placed(&ast.NilExpr{}, e)}, e)
}

func (r *rewriter) assignOne(x *ast.AssignStmt) ast.Stmt {
	switch rhs := x.Rhs[0].(type) {
	case *ast.FuncCallExpr: // one target takes one value anyway, and without brackets it gets a register of its own
		rhs.AdjustRet = false
	case *ast.Comma3Expr:
		rhs.AdjustRet = false
	case *ast.LogicalOpExpr:
		if r.isLocal(x.Lhs[0]) && r.storesWrongly(rhs, true, true, false) {
			return r.assignFromCopies(x)
		}
	}
	return x
}

// assignsSafely reports whether the compiler gets an assignment of several targets or values right: all targets are
// globals and outer variables, or all are fields of tables, or all are names that take the values of one call.
func (r *rewriter) assignsSafely(x *ast.AssignStmt) bool {
	fields, locals := 0, 0
	for _, l := range x.Lhs {
		if _, ok := l.(*ast.AttrGetExpr); ok {
			fields++
		} else if r.isLocal(l) {
			locals++
		}
	}
	switch {
	case fields == 0:
		return locals == 0 || len(x.Rhs) == 1 && yieldsMany(x.Rhs[0])
	case fields < len(x.Lhs):
		return false
	}
	last := len(x.Rhs) == len(x.Lhs)
	for i, value := range x.Rhs[:min(len(x.Rhs), len(x.Lhs))] {
		if r.isLocal(value) && !(last && i == len(x.Lhs)-1) { // it would be read when it is assigned, not when evaluated
			return false
		}
	}
	return true
}

// assignFromCopies first evaluates all operands of an assignment from left to right, and then assigns from right to
// left.
func (r *rewriter) assignFromCopies(x *ast.AssignStmt) ast.Stmt {
	copies := placed(&ast.LocalAssignStmt{}, x)
	add := func(e ...ast.Expr) ast.Expr {
		name := hiddenName("value", len(copies.Names))
		copies.Names = append(copies.Names, name)
		copies.Exprs = append(copies.Exprs, e...)
		return placed(&ast.IdentExpr{Value: name}, x)
	}
	for _, l := range x.Lhs {
		if field, ok := l.(*ast.AttrGetExpr); ok {
			if !r.stays(field.Object, x) {
				field.Object = add(field.Object)
			}
			if !isConstant(field.Key) && !r.stays(field.Key, x) {
				field.Key = add(field.Key)
			}
		}
	}
	body := []ast.Stmt{copies}
	for _, l := range x.Lhs {
		body = append(body, placed(&ast.AssignStmt{Lhs: []ast.Expr{l}, Rhs: []ast.Expr{add()}}, x))
	}
	copies.Exprs = append(copies.Exprs, x.Rhs...)
	slices.Reverse(body[1:])
	r.listed(x, len(copies.Names))
	return placed(&ast.DoBlockStmt{Stmts: body}, x)
}

// stays reports whether an operand is a local variable that the assignment does not change.
func (r *rewriter) stays(e ast.Expr, x *ast.AssignStmt) bool {
	if !r.isLocal(e) {
		return false
	}
	name := e.(*ast.IdentExpr).Value
	for _, l := range x.Lhs {
		if target, ok := l.(*ast.IdentExpr); ok && target.Value == name {
			return false
		}
	}
	return true
}
