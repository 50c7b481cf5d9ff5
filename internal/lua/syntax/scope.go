package syntax

import (
	"math"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// function is a function whose body is being walked.
type function struct {
	outer     *function
	block     *block
	vararg    bool
	active    int            // registers that hold variables in scope
	uses      int            // of constants
	constants map[string]int // the numbers of those that are not among the first
	upvalues  map[*variable]bool
	labels    int
	pending   []pendingGoto
	locals    []*local // all that were declared in code that is kept, in order
}

// block is a scope of variables and labels.
type block struct {
	outer   *block
	loop    *loop // whose body it is, nil for none
	vars    int   // where its variables begin in rewriter.vars
	level   int   // registers in use where it begins
	visible int
	labels  []label
	pending int // where its gotos begin in function.pending
	locals  int // where those declared in it begin in function.locals
	reached int // its last line that was seen
}

// loop is the loop that a break leaves.
type loop struct {
	captured bool               // a closure keeps a variable of the body
	breaks   []*ast.DoBlockStmt // each holds one break
}

// name is a name that was declared at least once.
type name struct {
	text string
	now  *variable // what it means, nil for a global
}

type variable struct {
	fn       *function
	name     *name
	shadowed *variable // what the name meant before
	local    *local
	captured bool // a closure keeps it
	mark     bool // not a variable: notes in captured whether the name is used
}

func (r *rewriter) enterFunction() {
	r.fn = &function{outer: r.fn, vararg: r.fn == nil}
	r.openBlock(nil)
}

// leaveFunction returns the variables of the function that ends.
func (r *rewriter) leaveFunction(at ast.PositionHolder) []*local {
	r.fn.block.reached = math.MaxInt
	r.closeBlock()
	fn := r.fn
	if len(fn.pending) > 0 {
		g := fn.pending[0]
		failAt(r.tags[g.tag].line, "no visible label '%s' for goto", g.stmt.Label)
	}
	r.spend(at, len(fn.upvalues)*r.visible)
	r.fn = fn.outer
	return fn.locals
}

func (r *rewriter) openBlock(l *loop) {
	b := new(block)
	if n := len(r.closed); n > 0 {
		b, r.closed = r.closed[n-1], r.closed[:n-1]
	}
	*b = block{
		outer: r.fn.block, loop: l, vars: len(r.vars), level: r.fn.active, visible: r.visible, pending: len(r.fn.pending),
		locals: len(r.fn.locals),
	}
	r.fn.block = b
	r.visible++
}

func (r *rewriter) closeBlock() {
	b := r.fn.block
	for _, l := range r.fn.locals[b.locals:] {
		l.last = min(l.last, b.reached)
	}
	if b.outer != nil {
		b.outer.reached = max(b.outer.reached, b.reached)
	}
	captured := false
	for i := len(r.vars) - 1; i >= b.vars; i-- {
		v := r.vars[i]
		v.name.now = v.shadowed
		captured = captured || v.captured
	}
	r.vars = r.vars[:b.vars]
	r.fn.active, r.visible = b.level, b.visible
	if l := b.innermostLoop(); l != nil && captured {
		l.captured = true
	}
	r.fn.block = b.outer
	r.leaveLabels(b)
	r.closed = append(r.closed, b)
}

func (b *block) innermostLoop() *loop {
	for ; b != nil; b = b.outer {
		if b.loop != nil {
			return b.loop
		}
	}
	return nil
}

// declare brings a variable of the current function into scope.
func (r *rewriter) declare(at ast.PositionHolder, text string) {
	r.reserve(at, 1)
	if len(r.slab) == 0 {
		r.slab = make([]variable, 32)
	}
	v := &r.slab[0]
	r.slab = r.slab[1:]
	n := r.named(text)
	*v = variable{fn: r.fn, name: n, shadowed: n.now, local: &local{name: text, register: r.fn.active - 1, last: math.MaxInt}}
	if !strings.HasPrefix(text, "(") {
		r.fn.locals = append(r.fn.locals, v.local)
	}
	n.now = v
	r.vars = append(r.vars, v)
}

func (r *rewriter) named(text string) *name {
	n := r.names[text]
	if n == nil {
		n = &name{text: text}
		r.names[text] = n
	}
	return n
}

// reserve counts n registers that hold variables, with or without a name.
func (r *rewriter) reserve(at ast.PositionHolder, n int) {
	r.fn.active += n
	r.visible += n
	if r.fn.active > MaxLocals {
		r.fail(at, "more than %d local variables in scope in one function", MaxLocals)
	}
}

// lookup returns the variable that a name means; nil for a global.
func (r *rewriter) lookup(text string) *variable {
	n := r.names[text]
	if n == nil {
		return nil
	}
	v := n.now
	for v != nil && v.mark {
		v.captured = true
		v = v.shadowed
	}
	return v
}

// use notes the use of a name.
func (r *rewriter) use(at ast.PositionHolder, text string) {
	v := r.lookup(text)
	if v == nil {
		r.constant(at, text)
		r.spend(at, r.visible)
		return
	}
	r.spend(at, r.visible+len(r.fn.upvalues))
	if v.fn == r.fn {
		return
	}
	v.captured = true
	for fn := r.fn; fn != v.fn && !fn.upvalues[v]; fn = fn.outer {
		if fn.upvalues == nil {
			fn.upvalues = map[*variable]bool{}
		}
		if fn.upvalues[v] = true; len(fn.upvalues) > MaxUpvalues {
			r.fail(at, "more than %d variables of outer functions in one function", MaxUpvalues)
		}
	}
}

// isLocal reports whether an expression is a variable of the current function.
func (r *rewriter) isLocal(e ast.Expr) bool {
	x, ok := e.(*ast.IdentExpr)
	if !ok {
		return false
	}
	v := r.lookup(x.Value)
	return v != nil && v.fn == r.fn
}
