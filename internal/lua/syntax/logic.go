package syntax

import "github.com/yuin/gopher-lua/ast"

// logical rewrites an expression of `and` and `or`. A constant on the left decides, so that only the right side or the
// constant remains: the compiler would otherwise begin with a jump, which it confuses with others where a loop begins.
func (r *rewriter) logical(x *ast.LogicalOpExpr, slot *ast.Expr, p place) {
	chain := []*ast.LogicalOpExpr{x}
	for {
		left, ok := x.Lhs.(*ast.LogicalOpExpr)
		if !ok {
			break
		}
		p = p.deeper()
		r.node(left, p.depth)
		x = left
		chain = append(chain, x)
	}
	r.expr(&x.Lhs, p.deeper())
	var result ast.Expr
	for i := len(chain) - 1; i >= 0; i-- {
		x = chain[i]
		if result != nil {
			x.Lhs = result
		}
		r.expr(&x.Rhs, p.deeper())
		result = foldLogical(x)
	}
	*slot = result
}

func foldLogical(x *ast.LogicalOpExpr) ast.Expr {
	truth, constant := constantTruth(x.Lhs)
	switch {
	case !constant:
		return x
	case truth == (x.Operator == "and"):
		return single(x.Rhs)
	}
	return x.Lhs
}

func foldNot(x *ast.UnaryNotOpExpr) ast.Expr {
	switch truth, constant := constantTruth(x.Expr); {
	case !constant:
		return x
	case truth:
		return placed(&ast.FalseExpr{}, x)
	}
	return placed(&ast.TrueExpr{}, x)
}

// constantTruth reports whether an expression is a constant, and then whether it counts as true.
func constantTruth(e ast.Expr) (truth, constant bool) {
	switch e.(type) {
	case *ast.NilExpr, *ast.FalseExpr:
		return false, true
	case *ast.TrueExpr, *ast.NumberExpr, *ast.StringExpr:
		return true, true
	}
	return false, false
}

// isConstant reports whether an expression is a number or a string.
func isConstant(e ast.Expr) bool {
	switch e.(type) {
	case *ast.NumberExpr, *ast.StringExpr:
		return true
	}
	return false
}

// single makes an expression yield exactly one value wherever it stands.
func single(e ast.Expr) ast.Expr {
	switch x := e.(type) {
	case *ast.FuncCallExpr:
		x.AdjustRet = true
	case *ast.Comma3Expr:
		x.AdjustRet = true
	}
	return e
}

// storesWrongly reports whether the compiler, told to compute `and` and `or` straight into a local variable, leaves the
// old value of the variable there, or writes to it before the last operand has been evaluated. The arguments are those
// of the compiler's own recursion: whether a true value, or a false one, ends the whole expression with this value, and
// whether an `or` follows.
func (r *rewriter) storesWrongly(e ast.Expr, trueEnds, falseEnds, orFollows bool) bool {
	switch x := e.(type) {
	case *ast.LogicalOpExpr:
		if x.Operator == "and" {
			return r.storesWrongly(x.Lhs, false, falseEnds, false) || r.storesWrongly(x.Rhs, trueEnds, falseEnds, orFollows)
		}
		return r.storesWrongly(x.Lhs, trueEnds, false, true) || r.storesWrongly(x.Rhs, trueEnds, falseEnds, orFollows)
	case *ast.RelationalOpExpr:
		return false
	}
	switch _, constant := constantTruth(e); {
	case constant, trueEnds && falseEnds && !orFollows:
		return false
	case r.isLocal(e) && (falseEnds && !trueEnds || trueEnds && orFollows):
		return false
	case orFollows:
		return !trueEnds
	}
	return falseEnds
}
