package syntax

import "github.com/yuin/gopher-lua/ast"

// place is where an expression stands: its depth in the syntax tree, and the number of arithmetic operators above it,
// from each of which the compiler looks for constants below.
type place struct{ depth, arithmetic int }

func (p place) deeper() place { return place{depth: p.depth + 1} }

func (p place) inArithmetic() place { return place{p.depth + 1, p.arithmetic + 1} }

// expr rewrites an expression where it stands. It recurses to the right, where brackets bound the depth, and goes to
// the left in a loop.
func (r *rewriter) expr(slot *ast.Expr, p place) {
	for {
		r.node(*slot, p.depth)
		r.spend(*slot, p.arithmetic)
		slot, p = r.step(slot, p)
		if slot == nil {
			return
		}
	}
}

// step rewrites an expression except for its leftmost operand, which it returns with its place.
func (r *rewriter) step(slot *ast.Expr, p place) (*ast.Expr, place) {
	switch x := (*slot).(type) {
	case *ast.NumberExpr:
		*slot = r.number(x)
	case *ast.StringExpr:
		r.constant(x, x.Value)
	case *ast.IdentExpr:
		r.use(x, x.Value)
	case *ast.Comma3Expr:
		if !r.fn.vararg {
			r.fail(x, "cannot use '...' outside a vararg function")
		}
	case *ast.FunctionExpr:
		r.function(x, false, p)
	case *ast.TableExpr:
		r.table(x, p)
	case *ast.LogicalOpExpr:
		r.logical(x, slot, p)
	case *ast.StringConcatOpExpr:
		r.concatenation(x, slot, p)
	case *ast.UnaryNotOpExpr:
		r.expr(&x.Expr, p.deeper())
		*slot = foldNot(x)
	case *ast.UnaryMinusOpExpr:
		if r.isMinusZero(x) {
			*slot = r.minusZero(x)
			return nil, p
		}
		return &x.Expr, p.inArithmetic()
	case *ast.UnaryLenOpExpr:
		return &x.Expr, p.deeper()
	case *ast.ArithmeticOpExpr:
		if r.isMinusZero(x) {
			*slot = r.minusZero(x)
			return nil, p
		}
		if x.Operator == "%" || x.Operator == "^" {
			r.expr(&x.Lhs, p.inArithmetic())
			r.expr(&x.Rhs, p.inArithmetic())
			*slot = r.foldNumbers(x)
			return nil, p
		}
		r.expr(&x.Rhs, p.inArithmetic())
		return &x.Lhs, p.inArithmetic()
	case *ast.RelationalOpExpr:
		r.expr(&x.Rhs, p.deeper())
		return &x.Lhs, p.deeper()
	case *ast.AttrGetExpr:
		r.expr(&x.Key, p.deeper())
		return &x.Object, p.deeper()
	case *ast.FuncCallExpr:
		return r.call(x, p), p.deeper()
	}
	return nil, p
}

// call rewrites the arguments of a call, and returns what is called.
func (r *rewriter) call(x *ast.FuncCallExpr, p place) *ast.Expr {
	r.listed(x, len(x.Args))
	r.exprs(x.Args, p.deeper())
	if x.Func != nil {
		return &x.Func
	}
	r.constant(x, x.Method)
	return &x.Receiver
}

func (r *rewriter) exprs(list []ast.Expr, p place) {
	for i := range list {
		r.expr(&list[i], p)
	}
}

// table rewrites a table constructor. When the last field has a key and a call for its value, the compiler stores the
// items before it as if the call were one of them, with all its results.
func (r *rewriter) table(x *ast.TableExpr, p place) {
	items := 0
	for _, f := range x.Fields {
		r.expr(&f.Value, p.deeper())
		if f.Key != nil {
			r.expr(&f.Key, p.deeper())
			single(f.Value)
		} else if items++; items > MaxItems {
			r.fail(f.Value, "more than %d items in one table constructor", MaxItems)
		}
	}
}

// function rewrites a function. One that a statement defines with a colon has a variable self before its parameters.
func (r *rewriter) function(x *ast.FunctionExpr, method bool, p place) {
	if r.functions++; r.functions > MaxFunctions {
		r.fail(x, "more than %d functions", MaxFunctions)
	}
	r.enterFunction()
	if method {
		r.declare(x, "self")
	}
	for _, name := range x.ParList.Names {
		r.declare(x, name)
	}
	if r.fn.vararg = x.ParList.HasVargs; r.fn.vararg {
		r.declare(x, "arg")
	}
	x.Stmts = r.block(x.Stmts, p.depth, false)
	x.SetLastLine(r.tag(tag{line: x.LastLine(), kind: functionTag, locals: r.leaveFunction(x)}))
}

// concatenation rewrites all of `a .. b .. c` at once. Unless all operands are string literals it becomes a call,
// because the VM would write numbers with more digits than Lua does.
func (r *rewriter) concatenation(x *ast.StringConcatOpExpr, slot *ast.Expr, p place) {
	operands := []ast.Expr{x.Lhs}
	last := x
	for {
		next, ok := last.Rhs.(*ast.StringConcatOpExpr)
		if !ok {
			break
		}
		operands = append(operands, next.Lhs)
		last = next
	}
	operands = append(operands, last.Rhs)
	r.listed(x, len(operands))
	constant := true
	for i := range operands {
		r.expr(&operands[i], p.deeper())
		_, text := operands[i].(*ast.StringExpr)
		constant = constant && text
	}
	if constant {
		return
	}
	for _, o := range operands {
		single(o)
	}
	r.use(x, concatName)
	*slot = placed(&ast.FuncCallExpr{
		Func: placed(&ast.IdentExpr{Value: concatName}, x), Args: operands, AdjustRet: true,
	}, x)
}
