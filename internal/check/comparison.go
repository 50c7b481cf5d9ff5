package check

import (
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/bridge/luatype"
)

// comparison reports a comparison with what the value never is, such as a misspelt method, or a number in quotes.
func (c *checker) comparison(e *ast.RelationalOpExpr) {
	value, literal := e.Lhs, e.Rhs
	if literalType(literal) == "" {
		value, literal = literal, value
	}
	want := literalType(literal)
	s := c.shapeOf(value)
	if want == "" || s == nil {
		return
	}
	if is := luaType(s.kind); is != want && is != string(luatype.Any) {
		c.otherType(value, literal, s)
		return
	}
	got, ok := constant(literal)
	if (e.Operator == "==" || e.Operator == "~=") && ok && len(s.values) > 0 && !slices.Contains(s.values, got) {
		c.misspelt(impossibleValue, literal, c.nearest(got, slices.Values(s.values)), "%s is never %q", c.describe(value), got)
	}
}

// literalType is what scripts call a value that is written as a text, a number or true; "" of anything else. Of false
// nothing is known: what stands for a value of any type may be false where there is none.
func literalType(e ast.Expr) string {
	switch e.(type) {
	case *ast.StringExpr:
		return "string"
	case *ast.NumberExpr:
		return "number"
	case *ast.TrueExpr:
		return "boolean"
	}
	return ""
}

// otherType reports that a value is compared with one of another type. What is meant is put in the place of a text.
func (c *checker) otherType(value, literal ast.Expr, s *shape) {
	at, written := c.of(literal, literal.Line()), "true"
	switch l := literal.(type) {
	case *ast.StringExpr:
		written = strconv.Quote(l.Value)
	case *ast.NumberExpr:
		written = l.Value
	}
	if at.from == at.to {
		at = c.of(value, value.Line()) // only texts have a place
	}
	meant, sure := meantInstead(value, literal, s)
	hint := ""
	if meant != "" {
		hint = " (did you mean " + meant + "?)"
	}
	is := "a " + luaType(s.kind)
	if name := c.describe(value); name != is {
		is = name + " is " + is + ","
	} else {
		is += " is"
	}
	f := c.unit.problem(impossibleValue, c.source, at, "%s never %s%s", is, written, hint)
	if sure {
		c.write(f, at, meant)
	}
}

// meantInstead returns what was probably meant by a literal of another type than the value's, or by the comparison with
// it: what a text says without its quotes, which is sure, a number with quotes, a field that may have such a text, or
// an operator. It is "" where none is near.
func meantInstead(value, literal ast.Expr, s *shape) (meant string, sure bool) {
	if _, ok := value.(*ast.UnaryNotOpExpr); ok {
		return "~=", false
	}
	text, isText := constant(literal)
	number, isNumber := literal.(*ast.NumberExpr)
	switch is := luaType(s.kind); {
	case isText && is == "boolean" && (text == "true" || text == "false"), isText && is == "number" && isDecimal(text):
		return text, true
	case isNumber && is == "string":
		return strconv.Quote(number.Value), false
	}
	of := path(value)
	if of == "" || !isText {
		return "", false
	}
	for _, name := range names(s.fields) {
		if field := s.fields[name]; field != nil && slices.Contains(field.values, text) {
			return of + "." + name, false
		}
	}
	return "", false
}

func isDecimal(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && strings.Trim(text, "0123456789.") == ""
}
