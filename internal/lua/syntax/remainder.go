package syntax

import (
	"math"
	"strconv"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/internal/lua/number"
)

// foldNumbers computes a remainder or power of number literals, which the compiler would compute in another way. What
// cannot be written as a number is computed when the program runs.
func (r *rewriter) foldNumbers(x *ast.ArithmeticOpExpr) ast.Expr {
	v, ok := r.constantOf(x)
	if !ok {
		return x
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		x.Lhs = computed(x.Lhs)
		return x
	}
	if r.isMinusZero(x) {
		return r.minusZero(x)
	}
	text := strconv.FormatFloat(math.Abs(v), 'g', -1, 64)
	r.constant(x, "\x00"+text)
	number := placed(&ast.NumberExpr{Value: text}, x)
	if math.Signbit(v) {
		return placed(&ast.UnaryMinusOpExpr{Expr: number}, x)
	}
	return number
}

// isMinusZero reports whether an expression consists of number literals that come to -0.
func (r *rewriter) isMinusZero(e ast.Expr) bool {
	v, ok := r.constantOf(e)
	return ok && v == 0 && math.Signbit(v)
}

// minusZero returns an expression for -0 that is computed when the program runs: the compiler would take a constant -0
// for the same as 0, whichever comes first.
func (r *rewriter) minusZero(at ast.PositionHolder) ast.Expr {
	r.constant(at, "\x000")
	zero := placed(&ast.LogicalOpExpr{
		Operator: "or", Lhs: placed(&ast.NilExpr{}, at), Rhs: placed(&ast.NumberExpr{Value: "0"}, at),
	}, at)
	return placed(&ast.UnaryMinusOpExpr{Expr: zero}, at)
}

// constantOf returns the value of an expression that consists of number literals. It is asked for each operator, from
// the outermost one inwards, and remembers what it has computed by then.
func (r *rewriter) constantOf(e ast.Expr) (float64, bool) {
	switch x := e.(type) {
	case *ast.NumberExpr:
		return numberValue(x.Value)
	case *ast.UnaryMinusOpExpr:
		v, ok := r.constantOf(x.Expr)
		return -v, ok
	case *ast.ArithmeticOpExpr:
		c, known := r.computed[x]
		if !known {
			c = r.compute(x)
			r.computed[x] = c
		}
		return c.value, c.ok
	}
	return 0, false
}

// result is what an operator comes to where its operands are constant.
type result struct {
	value float64
	ok    bool
}

func (r *rewriter) compute(x *ast.ArithmeticOpExpr) result {
	a, ok := r.constantOf(x.Lhs)
	if !ok {
		return result{}
	}
	b, ok := r.constantOf(x.Rhs)
	if !ok {
		return result{}
	}
	return result{calculated(x.Operator, a, b), true}
}

func calculated(operator string, a, b float64) float64 {
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case "%":
		return number.Mod(a, b)
	}
	return number.Pow(a, b)
}
