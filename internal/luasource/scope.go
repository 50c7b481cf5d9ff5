package luasource

import "github.com/yuin/gopher-lua/ast"

// function is one whose body is being walked over.
type function struct {
	outer     *function
	block     *block
	vararg    bool
	active    int // registers that hold variables in scope
	constants map[string]int
	upvalues  map[*variable]bool
	labels    int
	pending   []pendingGoto
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
}

// loop is what its breaks leave.
type loop struct {
	captured bool               // a closure keeps a variable of the body
	breaks   []*ast.DoBlockStmt // each holds one break
}

type variable struct {
	fn       *function
	name     string
	shadowed *variable // what the name meant before
	captured bool      // a closure keeps it
	mark     bool      // no variable: notes in captured whether the name is used
}

func (r *rewriter) enterFunction() {
	fn := &function{outer: r.fn, vararg: r.fn == nil}
	if n := len(r.spare); n > 0 {
		fn.constants, r.spare = r.spare[n-1], r.spare[:n-1]
	} else {
		fn.constants = map[string]int{}
	}
	r.fn = fn
	r.openBlock(nil)
}

func (r *rewriter) leaveFunction(at ast.PositionHolder) {
	r.closeBlock()
	fn := r.fn
	if len(fn.pending) > 0 {
		g := fn.pending[0]
		failAt(r.tags[g.tag].line, "no visible label '%s' for goto", g.stmt.Label)
	}
	r.spend(at, len(fn.upvalues)*r.visible, manyNames)
	clear(fn.constants)
	r.spare = append(r.spare, fn.constants)
	r.fn = fn.outer
}

func (r *rewriter) openBlock(l *loop) {
	r.fn.block = &block{
		outer: r.fn.block, loop: l, vars: len(r.vars), level: r.fn.active, visible: r.visible, pending: len(r.fn.pending),
	}
	r.visible++
}

func (r *rewriter) closeBlock() {
	b := r.fn.block
	captured := false
	for i := len(r.vars) - 1; i >= b.vars; i-- {
		captured = r.undeclare(r.vars[i]) || captured
	}
	r.vars = r.vars[:b.vars]
	r.fn.active, r.visible = b.level, b.visible
	if l := b.innermostLoop(); l != nil && captured {
		l.captured = true
	}
	r.fn.block = b.outer
	r.leaveLabels(b)
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
func (r *rewriter) declare(at ast.PositionHolder, name string) {
	r.reserve(at, 1)
	v := &variable{fn: r.fn, name: name, shadowed: r.names[name]}
	r.names[name] = v
	r.vars = append(r.vars, v)
}

// reserve counts registers that hold variables without a name.
func (r *rewriter) reserve(at ast.PositionHolder, n int) {
	r.fn.active += n
	r.visible += n
	if r.fn.active > MaxLocals {
		r.fail(at, "more than %d local variables in scope in one function", MaxLocals)
	}
}

func (r *rewriter) undeclare(v *variable) (captured bool) {
	if v.shadowed == nil {
		delete(r.names, v.name)
	} else {
		r.names[v.name] = v.shadowed
	}
	return v.captured
}

// lookup returns the variable that a name means, nil for a global.
func (r *rewriter) lookup(name string) *variable {
	v := r.names[name]
	for v != nil && v.mark {
		v.captured = true
		v = v.shadowed
	}
	return v
}

const manyNames = "uses of names where many are in scope"

// name notes the use of a name.
func (r *rewriter) name(at ast.PositionHolder, name string) {
	v := r.lookup(name)
	if v == nil {
		r.constant(at, name)
		r.spend(at, r.visible, manyNames)
		return
	}
	r.spend(at, r.visible+len(r.fn.upvalues), manyNames)
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
