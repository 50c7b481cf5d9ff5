package check

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// While a run waits for a host object, other runs of its hook may change what both share, where the config lets them. A
// script that reads such a thing, waits, and then writes it, loses what the others wrote.

// step is one thing that a function does, in the order of the source.
type step struct {
	kind     stepKind
	name     string      // of what is read or written
	keys     []*variable // local variables that are keys in it
	at       ast.Expr    // that is read or written
	line     int
	value    ast.Expr // that is written, or of which it is one
	flows    int      // of the source that stand before the write
	call     *ast.FuncCallExpr
	branches [][]step // of which one is taken
	spot
}

func (s step) place(in *source) place { return in.of(s.at, s.line) }

type stepKind uint8

const (
	readStep stepKind = iota
	writeStep
	callStep
	branchStep
	absentStep // where what was read is known to be nil or false
)

// body collects the steps of a function.
type body struct{ steps []step }

// note adds a step to the function at which the binder is. The main part shares nothing with other runs.
func (b *binder) note(s step) {
	if b.body != nil {
		b.body.steps = append(b.body.steps, s)
	}
}

// noteRead notes that a variable which all runs of a hook share is read: a global, a variable of the main part, or a
// field of one of these.
func (b *binder) noteRead(e ast.Expr) {
	if name, keys := b.shared(e); name != "" {
		b.note(step{kind: readStep, name: name, keys: keys, at: e, line: e.Line()})
	}
}

// noteWrite notes that such a variable is written.
func (b *binder) noteWrite(e, value ast.Expr) {
	if name, keys := b.shared(e); name != "" {
		b.note(step{kind: writeStep, name: name, keys: keys, at: e, line: e.Line(), value: value, spot: b.here(), flows: len(b.flows)})
	}
}

// shared names a variable, or a field of one, that all runs of a hook share; "" for others. Two places have one name
// where their keys are the same texts and numbers, or the same local variables as long as nothing assigns to these.
func (b *binder) shared(e ast.Expr) (name string, keys []*variable) {
	root := e
	for {
		field, ok := root.(*ast.AttrGetExpr)
		if !ok {
			break
		}
		switch key := field.Key.(type) {
		case *ast.StringExpr, *ast.NumberExpr:
		case *ast.IdentExpr:
			v := b.scope.find(key.Value)
			if v == nil {
				return "", nil // any function may assign to a global
			}
			keys = append(keys, v)
		default:
			return "", nil
		}
		root = field.Object
	}
	id, ok := root.(*ast.IdentExpr)
	if !ok || b.body == nil {
		return "", nil
	}
	if v := b.scope.find(id.Value); v != nil && v.fn != nil {
		return "", nil
	}
	if name = path(e); name != "" {
		for _, v := range keys {
			name += fmt.Sprintf(" %p", v)
		}
	}
	return name, keys
}

// noteAbsent notes what is nil or false when a condition is true or, where isTrue is false, when it is false.
func (b *binder) noteAbsent(condition ast.Expr, isTrue bool) {
	if b.body == nil || b.deepest != 0 {
		return
	}
	switch e := condition.(type) {
	case *ast.IdentExpr:
		v := b.scope.find(e.Value)
		if v == nil || v.fn == nil {
			break
		}
		if field, ok := v.value.(*ast.AttrGetExpr); ok && v.written == 0 {
			b.noteAbsent(field, isTrue) // which the variable stands for
		}
		return
	case *ast.UnaryNotOpExpr:
		b.noteAbsent(e.Expr, !isTrue)
		return
	case *ast.LogicalOpExpr:
		if (e.Operator == "and") == isTrue {
			b.noteAbsent(e.Lhs, isTrue)
			b.noteAbsent(e.Rhs, isTrue)
		}
		return
	case *ast.RelationalOpExpr:
		if other := againstNil(e); other != nil && (e.Operator == "==") == isTrue {
			b.noteAbsent(other, false)
		}
		return
	}
	if name, keys := b.shared(condition); name != "" && !isTrue {
		b.note(step{kind: absentStep, name: name, keys: keys})
	}
}

// branch collects the steps of one branch.
func (b *binder) branch(walk func()) []step {
	if b.body == nil {
		walk()
		return nil
	}
	outer := b.body
	b.body = &body{}
	walk()
	steps := b.body.steps
	b.body = outer
	return steps
}

// waits reports what may be lost, from each function of a hook on.
func (c *checker) waits() {
	entries := slices.SortedFunc(maps.Keys(c.entries), func(f, g *ast.FunctionExpr) int { return cmp.Compare(f.Line(), g.Line()) })
	each(c.unit, entries, func(fn *ast.FunctionExpr) {
		w := &waitWalk{checker: c, calling: map[*ast.FunctionExpr]bool{}}
		w.function(fn, state{})
	})
}

// state says of what was read, by name, where that was, and where the run has waited since.
type state map[string]seen

type seen struct{ read, waited int }

// waitWalk follows the steps of a run, into the functions that it calls.
type waitWalk struct {
	*checker
	calling map[*ast.FunctionExpr]bool
	steps   int
}

// maxSteps bounds what is followed from one function.
const maxSteps = 10_000

func (w *waitWalk) function(fn *ast.FunctionExpr, s state) {
	if b := w.bodies[fn]; b != nil && !w.calling[fn] {
		w.calling[fn] = true
		w.follow(b.steps, s)
		w.calling[fn] = false
	}
}

func (w *waitWalk) follow(steps []step, s state) {
	for _, at := range steps {
		if w.steps++; w.steps > maxSteps || w.done() {
			return
		}
		w.spend(1 + len(at.keys))
		if slices.ContainsFunc(at.keys, func(v *variable) bool { return v.assigned }) {
			continue
		}
		switch at.kind {
		case readStep:
			s[at.name] = seen{read: at.line}
		case writeStep:
			if before := s[at.name]; before.waited > 0 && w.loses(at) {
				w.unit.problem(lostUpdate, w.source, at.place(w.source), "%s: read on line %d before the call on line %d, in which other runs may write it",
					path(at.at), before.read, before.waited)
			}
			delete(s, at.name)
		case callStep:
			w.call(at.call, s)
		case branchStep:
			w.branch(at.branches, s)
		case absentStep:
			delete(s, at.name) // nothing is lost by filling in what is not there
		}
	}
}

// loses reports whether a write of what was read before may lose what others wrote meanwhile: the value is made of what
// was read, or one that is written down, as in `count = 0`, for which that was the reason. A value that comes from
// elsewhere is newer than theirs.
func (c *checker) loses(at step) bool {
	known, ok := c.losing[at.at]
	if !ok {
		known = isWritten(at.value) || c.isMadeOf(at)
		c.losing[at.at] = known
	}
	return known
}

// root returns the name with which a place begins.
func root(e ast.Expr) *ast.IdentExpr {
	for {
		switch at := e.(type) {
		case *ast.IdentExpr:
			return at
		case *ast.AttrGetExpr:
			e = at.Object
		default:
			return nil
		}
	}
}

// isWritten reports whether an expression says a value itself.
func isWritten(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.NilExpr, *ast.TrueExpr, *ast.FalseExpr, *ast.NumberExpr, *ast.StringExpr:
		return true
	case *ast.TableExpr:
		return len(e.Fields) == 0
	}
	return false
}

func (w *waitWalk) call(e *ast.FuncCallExpr, s state) {
	object := e.Receiver
	if field, ok := e.Func.(*ast.AttrGetExpr); ok {
		object = field.Object
	}
	if name, _ := w.library(object); slices.Contains(w.schema.Waits, name) {
		w.spend(len(s))
		for name, at := range s {
			if at.waited == 0 {
				s[name] = seen{at.read, e.Line()}
			}
		}
		return
	}
	id, ok := e.Func.(*ast.IdentExpr)
	if !ok {
		return
	}
	if v := w.locals[id]; v != nil {
		if !v.assigned {
			w.function(v.body, s)
		}
		return
	}
	w.function(w.defined[id.Value], s)
}

// branch follows each branch from the same state. What one of them has read and waited for counts.
func (w *waitWalk) branch(branches [][]step, s state) {
	before := maps.Clone(s)
	clear(s)
	for _, steps := range branches {
		w.spend(8 * len(before)) // which are copied
		after := maps.Clone(before)
		w.follow(steps, after)
		for name, at := range after {
			if s[name].waited == 0 {
				s[name] = at
			}
		}
	}
}
