package check

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// What a value is made of, in one file: it is followed back through variables, with what is in their tables, through
// parameters to the arguments of calls, and through functions to what they return.

// making is what values are made of.
type making struct {
	flows map[any][]int                  // those of the source, by the name to which, or to a field of which, they go
	calls map[string][][]ast.Expr        // the arguments of the calls of a name
	fills map[any][][]ast.Expr           // those of the calls that may put them into a table, or hand them to a function
	named map[*ast.FunctionExpr][]string // by functions, the names that they get
}

func (c *checker) making() *making {
	if c.makings != nil {
		return c.makings
	}
	m := &making{map[any][]int{}, map[string][][]ast.Expr{}, map[any][][]ast.Expr{}, map[*ast.FunctionExpr][]string{}}
	c.makings = m
	for i, f := range c.flows {
		if f.into != nil {
			m.flows[f.into] = append(m.flows[f.into], i)
		} else if id := root(f.to); id != nil {
			to := c.node(c.source, id)
			m.flows[to] = append(m.flows[to], i)
		}
		_, name := c.goesTo(c.source, f)
		for _, e := range f.from {
			if fn, ok := e.(*ast.FunctionExpr); ok {
				m.named[fn] = append(m.named[fn], name)
			}
		}
	}
	for _, e := range c.calls {
		to := c.callee(c.source, e)
		if to.library == "" && to.name != "" {
			m.calls[to.name] = append(m.calls[to.name], to.args)
		}
		for _, taker := range c.takers(c.source, to) {
			m.fills[taker] = append(m.fills[taker], to.args)
		}
	}
	return m
}

// isMadeOf reports whether the value that is written at a step may be made of what was at the same place, whenever that
// was.
func (c *checker) isMadeOf(at step) bool {
	s := &search{checker: c, making: c.making(), place: at.at, seen: map[any]bool{}}
	for _, v := range at.keys {
		s.seen[v] = true // of which the place is made, and not what is there
	}
	id, _ := at.value.(*ast.IdentExpr)
	if v := c.locals[id]; v != nil && v != c.locals[root(at.at)] {
		s.variable(v, at)
	} else {
		s.look(at.value)
	}
	for i := 0; i < len(s.names) && !s.found; i++ { // it grows by what is found
		s.follow(s.names[i])
	}
	return s.found
}

// search looks for what a value is made of.
type search struct {
	*checker
	*making
	place ast.Expr // that is looked for
	names []any
	seen  map[any]bool
	found bool
}

func (s *search) add(name any) {
	if !s.seen[name] {
		s.seen[name] = true
		s.names = append(s.names, name)
	}
}

// variable looks at what a variable holds where it is written to a place: at what it was given on the way there, and at
// what may have come into it since.
func (s *search) variable(v *variable, at step) {
	flows, from := s.making.flows[v], 0
	s.spend(len(flows))
	for i, n := range flows {
		f := s.checker.flows[n]
		_, toField := f.to.(*ast.AttrGetExpr)
		if n < at.flows && !toField && f.fn == at.fn && s.isOnTheWay(f.within, at.within) {
			from = i
		}
	}
	for _, n := range flows[from:] {
		s.all(s.checker.flows[n].from)
	}
	s.seen[v] = true
	s.rest(v)
}

// isOnTheWay reports whether a way goes on from another one.
func (c *checker) isOnTheWay(from, w *way) bool {
	for ; w != nil && w != from; w = w.before {
		c.spend(1)
	}
	return w == from
}

// follow looks at all that goes to a name.
func (s *search) follow(name any) {
	s.spend(len(s.making.flows[name]))
	for _, n := range s.making.flows[name] {
		s.all(s.checker.flows[n].from)
	}
	s.rest(name)
}

// rest looks at what goes to a name by calls.
func (s *search) rest(name any) {
	s.filled(name)
	v, ok := name.(*variable)
	if !ok || v.kind != parameter {
		return
	}
	if v.of != nil {
		s.look(v.of)
	}
	fn, _ := v.at.node.(*ast.FunctionExpr)
	s.filled(fn)
	i := slices.Index(s.params[fn], v)
	for _, name := range s.named[fn] {
		s.spend(len(s.making.calls[name]))
		for _, args := range s.making.calls[name] {
			if len(args) > 0 {
				s.look(args[min(i, len(args)-1)])
			}
		}
	}
}

func (s *search) filled(name any) {
	for _, args := range s.fills[name] {
		for _, e := range args {
			if e != name { // a function that is handed on
				s.look(e)
			}
		}
	}
}

func (s *search) all(es []ast.Expr) {
	for _, e := range es {
		s.look(e)
	}
}

func (s *search) look(e ast.Expr) {
	if s.found || s.seen[e] {
		return
	}
	s.seen[e] = true
	if id := root(e); id != nil {
		name := s.node(s.source, id)
		if name != s.node(s.source, root(s.place)) {
			s.add(name)
		} else if overlap(e, s.place) {
			s.found = true
		}
		for at, ok := e.(*ast.AttrGetExpr); ok; at, ok = at.Object.(*ast.AttrGetExpr) {
			s.look(at.Key)
		}
		return
	}
	switch e := e.(type) {
	case *ast.FunctionExpr:
		s.all(s.answers[e])
	case *ast.TableExpr:
		for _, f := range e.Fields {
			s.look(f.Value)
			if f.Key != nil {
				s.look(f.Key)
			}
		}
	default:
		_, values := s.parts(s.source, e)
		s.spend(1 + len(values))
		s.all(values)
	}
}

// overlap reports whether of two places that begin with the same name one may be the other, or a part of it: not where
// one has a key that is written down, and the other has another one or one that is worked out.
func overlap(a, b ast.Expr) bool {
	one, other := writtenKeys(a), writtenKeys(b)
	n := min(len(one), len(other))
	return slices.Equal(one[:n], other[:n])
}

// writtenKeys returns the keys of a place as they are written down, from its name on; "" for those that are worked out.
func writtenKeys(e ast.Expr) (keys []string) {
	for at, ok := e.(*ast.AttrGetExpr); ok; at, ok = at.Object.(*ast.AttrGetExpr) {
		switch key := at.Key.(type) {
		case *ast.StringExpr, *ast.NumberExpr:
			keys = append(keys, keyText(key))
		default:
			keys = append(keys, "")
		}
	}
	slices.Reverse(keys)
	return keys
}
