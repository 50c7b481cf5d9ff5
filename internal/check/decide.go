package check

import (
	"slices"
	"strconv"

	"github.com/yuin/gopher-lua/ast"
)

// What a script asks of its options on the way to a place is compared with what the config says, so that nothing is
// said of hooks that never come there.

// spot is where something stands: in a function, nil for the main part, behind the conditions of the branches around
// it, and of those before it that may leave the function.
type spot struct {
	fn           *ast.FunctionExpr
	within, past *way
}

func (b *binder) here() spot { return spot{b.fn, b.within, b.past} }

// way is a condition on the way to a place, with those before it.
type way struct {
	condition ast.Expr
	is        verdict // there
	before    *way
	raises    bool // whether it is past, where nothing else than an error may have left the function
}

// verdict says whether a condition holds.
type verdict uint8

const (
	either verdict = iota
	holds
	fails
)

func verdictOf(isTrue bool) verdict {
	if isTrue {
		return holds
	}
	return fails
}

// chances is what is known of where a hook comes in a file, with its options.
type chances struct {
	*checker
	use     Use
	values  map[ast.Expr]value
	answers map[asked]bool
	passed  map[*way]bool
	reached map[*ast.FunctionExpr]bool // nil until it is asked for
}

// comesTo reports whether the hook may come to a place.
func (h *chances) comesTo(at spot) bool {
	if h.reached == nil {
		h.follow()
	}
	return h.reached[at.fn] && h.passes(at)
}

// follow finds the functions that the hook may come to: those that the engine calls, those that a function names that
// is reached, also by a key that they have in a table, and those without a name in it.
func (h *chances) follow() {
	h.reached = map[*ast.FunctionExpr]bool{nil: true}
	queue := []*ast.FunctionExpr{nil}
	visit := func(fn *ast.FunctionExpr) {
		if fn != nil && !h.reached[fn] && h.passes(h.spots[fn]) {
			h.reached[fn] = true
			queue = append(queue, fn)
		}
	}
	named := map[*ast.FunctionExpr]bool{}
	for _, names := range h.reads {
		h.spend(len(names))
		for _, id := range names {
			named[h.meant(id)] = true
		}
	}
	members, read := h.memberFunctions(), map[string]bool{}
	for _, keys := range h.keyReads {
		h.spend(len(keys))
		for _, e := range keys {
			read[h.memberOf(e)] = true
		}
	}
	for key, all := range members {
		for _, fn := range all {
			named[fn] = named[fn] || read[key]
		}
	}
	for fn := range h.entries {
		visit(fn)
	}
	for i := 0; i < len(queue); i++ { // it grows by what is reached
		for _, id := range h.reads[queue[i]] {
			if fn := h.meant(id); fn != nil && h.passes(h.spots[id]) {
				visit(fn)
			}
		}
		for _, e := range h.keyReads[queue[i]] {
			if all := members[h.memberOf(e)]; len(all) > 0 && h.passes(h.spots[e]) {
				h.spend(len(all))
				for _, fn := range all {
					visit(fn)
				}
			}
		}
		for _, fn := range h.inner[queue[i]] {
			if !named[fn] {
				visit(fn)
			}
		}
	}
}

// memberFunctions returns the functions that a script puts into tables, by their keys. Those of a module are for others
// to call.
func (c *checker) memberFunctions() map[string][]*ast.FunctionExpr {
	all := map[string][]*ast.FunctionExpr{}
	if c.required {
		return all
	}
	c.spend(len(c.flows))
	for _, f := range c.flows {
		key := f.key
		if to, ok := f.to.(*ast.AttrGetExpr); ok {
			key, _ = constant(to.Key)
		}
		for _, e := range f.from {
			if fn, ok := e.(*ast.FunctionExpr); ok && key != "" {
				all[key] = append(all[key], fn)
			}
		}
	}
	return all
}

// memberOf returns the key that is read of a table of the script's; "" for one of a library.
func (c *checker) memberOf(e *ast.AttrGetExpr) string {
	if library, _ := c.library(e.Object); library != "" {
		return ""
	}
	key, _ := constant(e.Key)
	return key
}

// passes reports whether the conditions on the way to a place may be what they are there.
func (h *chances) passes(at spot) bool { return h.passesAll(at.within) && h.passesAll(at.past) }

func (h *chances) passesAll(w *way) bool {
	var new []*way
	passes := true
	for ; w != nil; w = w.before {
		known, ok := h.passed[w]
		if ok {
			passes = known
			break
		}
		new = append(new, w)
	}
	h.spend(len(new))
	for _, w := range slices.Backward(new) {
		passes = passes && h.mayBe(w)
		h.passed[w] = passes
	}
	return passes
}

// mayBe reports whether a condition may be what it is on a way: that options decide it in a way that is not followed
// means no, but where they only raise an error otherwise. Nobody configures a hook for that.
func (h *chances) mayBe(w *way) bool {
	if w.is == either {
		return h.may(asked{w.condition, holds, w.raises}) || h.may(asked{w.condition, fails, w.raises})
	}
	return h.may(asked{w.condition, w.is, w.raises})
}

// asked is whether an expression may hold or fail, and what counts where that is not followed.
type asked struct {
	ast.Expr
	is        verdict
	otherwise bool
}

func (h *chances) may(q asked) bool {
	known, ok := h.answers[q]
	if !ok {
		h.answers[q] = q.otherwise // until it is known
		known = h.find(q)
		h.answers[q] = known
	}
	return known
}

func (h *chances) find(q asked) bool {
	v := h.valueOf(q.Expr)
	switch {
	case !h.mentionsOptions(q.Expr), v.from == byData:
		return true
	case v.from == followed:
		return q.is == verdictOf(v.isTrue())
	}
	of := func(e ast.Expr, is verdict) bool { return h.may(asked{e, is, q.otherwise}) }
	opposite := holds + fails - q.is
	switch e := q.Expr.(type) {
	case *ast.IdentExpr:
		if value := h.only(e); value != nil {
			return of(value, q.is)
		} else if h.firstReads[e] && of(h.locals[e].value, q.is) {
			return true
		}
	case *ast.AttrGetExpr:
		if q.is == fails && h.valueOf(e.Key).from == byData {
			return true // what is looked up by what comes may be missing, whatever options put there
		}
	case *ast.UnaryNotOpExpr:
		return of(e.Expr, opposite)
	case *ast.LogicalOpExpr:
		left, right := of(e.Lhs, q.is), of(e.Rhs, q.is)
		if (e.Operator == "and") == (q.is == holds) {
			return left && right
		}
		return left || right
	case *ast.RelationalOpExpr:
		if other := againstNil(e); other != nil && (e.Operator == "~=") == (q.is == holds) {
			return of(other, holds)
		} else if other != nil {
			return of(other, fails)
		}
	}
	return q.otherwise
}

// value is the value of an expression, where it is known: nil, a boolean, a float64, a string, or object.
type value struct {
	of   any
	from origin
}

type origin uint8

const (
	followed  origin = iota
	byData           // it depends on more than options, and of these on what is known
	byOptions        // it depends on options in a way that is not followed
)

// object stands for any table or function.
type object struct{}

func (v value) isTrue() bool { return v.of != nil && v.of != false }

func (h *chances) valueOf(e ast.Expr) value {
	if v, ok := h.values[e]; ok {
		return v
	}
	h.values[e] = h.unknown(e) // until it is known: a value is made of those before it
	v := h.evaluate(e)
	h.values[e] = v
	return v
}

func (h *chances) evaluate(e ast.Expr) value {
	switch e := e.(type) {
	case *ast.NilExpr:
		return value{}
	case *ast.TrueExpr:
		return value{of: true}
	case *ast.FalseExpr:
		return value{of: false}
	case *ast.StringExpr:
		return value{of: e.Value}
	case *ast.NumberExpr:
		if n, err := strconv.ParseFloat(e.Value, 64); err == nil {
			return value{of: n}
		}
	case *ast.TableExpr, *ast.FunctionExpr:
		return value{of: object{}}
	case *ast.IdentExpr:
		if of := h.only(e); of != nil {
			return h.valueOf(of)
		}
	case *ast.AttrGetExpr:
		if key, ok := constant(e.Key); ok && h.isBuiltin(e.Object, "options") {
			return optionValue(h.use.Options[key])
		}
	case *ast.UnaryNotOpExpr:
		v := h.valueOf(e.Expr)
		return value{!v.isTrue(), v.from}
	case *ast.LogicalOpExpr:
		return h.logical(e)
	case *ast.RelationalOpExpr:
		return h.compare(e)
	}
	return h.unknown(e)
}

// only returns what a local variable holds that nothing assigns to; nil where that is not known.
func (h *chances) only(id *ast.IdentExpr) ast.Expr {
	v := h.locals[id]
	switch {
	case v == nil || v.assigned || v.kind != localVariable:
		return nil
	case v.body != nil:
		return v.body
	}
	return v.value
}

// unknown is a value that is not followed.
func (h *chances) unknown(e ast.Expr) value {
	if h.mentionsOptions(e) {
		return value{from: byOptions}
	}
	return value{from: byData}
}

func optionValue(v any) value {
	switch v := v.(type) {
	case nil, bool, string, float64:
		return value{of: v}
	case int64:
		return value{of: float64(v)}
	}
	return value{of: object{}}
}

// logical evaluates an `and` or an `or`, which one of its sides may decide.
func (h *chances) logical(e *ast.LogicalOpExpr) value {
	left, right := h.valueOf(e.Lhs), h.valueOf(e.Rhs)
	decides := e.Operator == "or" // for the value of a side that makes the other one no matter
	switch {
	case left.from == followed && left.isTrue() == decides:
		return left
	case left.from == followed:
		return right
	case right.from == followed && right.isTrue() == decides:
		return value{of: decides}
	case left.from == byOptions || right.from == byOptions:
		return value{from: byOptions}
	}
	return value{from: byData}
}

func (h *chances) compare(e *ast.RelationalOpExpr) value {
	left, right := h.valueOf(e.Lhs), h.valueOf(e.Rhs)
	switch {
	case left.from == followed && right.from == followed:
	case e.Operator != "==" && e.Operator != "~=" && min(left.from, right.from) == byData: // it may be beyond such a limit or not
		return value{from: byData}
	default:
		return value{from: max(left.from, right.from)}
	}
	if left.of == (object{}) && right.of == (object{}) {
		return h.unknown(e) // which may be the same
	}
	switch e.Operator {
	case "==":
		return value{of: left.of == right.of}
	case "~=":
		return value{of: left.of != right.of}
	}
	a, isNumber := left.of.(float64)
	b, alsoNumber := right.of.(float64)
	if !isNumber || !alsoNumber {
		return value{from: byOptions}
	}
	switch e.Operator {
	case "<":
		return value{of: a < b}
	case "<=":
		return value{of: a <= b}
	case ">":
		return value{of: a > b}
	}
	return value{of: a >= b}
}
