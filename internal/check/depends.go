package check

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// What depends on options, however far away: values go from one place to the next, by assignments, calls and what
// functions return, and a condition decides what is assigned behind it. All this is followed from name to name, without
// the order in which it happens. Keys count by their names, whatever table of a script they are in.

// What may depend on options, besides what values go to.
type (
	// handed is the i-th of the values that calls of a name hand to a function, or any that a function gets that is handed
	// on itself.
	handed struct {
		to       string
		i        int
		function *ast.FunctionExpr
	}
	// given are all that a call hands in.
	given struct{ *ast.FuncCallExpr }
	// called says whether a function of this name is called, and runs whether a function runs.
	called string
	runs   struct{ *ast.FunctionExpr }
)

// dependents are what depends on options, as far as it is found.
type dependents struct {
	*unit
	next map[any][]any // what values of these go to
	seen map[any]bool  // values, ways and calls
}

// dependsOnOptions returns all that depends on options.
func (u *unit) dependsOnOptions() map[any]bool {
	if u.depends != nil {
		return u.depends
	}
	d := &dependents{unit: u, next: map[any][]any{}, seen: map[any]bool{}}
	for _, s := range u.sources {
		d.add(s)
	}
	for _, s := range u.possible {
		d.add(s)
	}
	for name, s := range u.modules {
		if s != nil {
			d.results(s, moduleName(name), anyModule)
		}
	}
	for _, s := range u.possible {
		d.results(s, anyModule)
	}
	u.depends = map[any]bool{globalName("options"): true}
	queue := []any{globalName("options")}
	for i := 0; i < len(queue); i++ { // it grows by what is found
		for _, to := range d.next[queue[i]] {
			if !u.depends[to] {
				u.depends[to] = true
				queue = append(queue, to)
			}
		}
	}
	return u.depends
}

// results notes what a module returns.
func (d *dependents) results(s *source, to ...any) {
	for _, r := range s.results {
		for _, to := range to {
			d.all(s, r.Exprs, to)
		}
	}
}

func (d *dependents) edge(from, to any) {
	d.spend(1)
	d.next[from] = append(d.next[from], to)
}

// all notes that values go to one place.
func (d *dependents) all(s *source, from []ast.Expr, to any) {
	for _, e := range from {
		d.edge(d.value(s, e), to)
	}
}

// value returns what an expression's value is among the dependents.
func (d *dependents) value(s *source, e ast.Expr) any {
	switch e := e.(type) {
	case *ast.IdentExpr:
		return d.node(s, e)
	case *ast.FunctionExpr:
		return e
	}
	if !d.seen[e] {
		d.seen[e] = true
		names, values := d.parts(s, e)
		for _, name := range names {
			d.edge(name, e)
		}
		d.all(s, values, e)
	}
	return e
}

// behind notes that something happens at a place, so that the conditions on the way there decide it.
func (d *dependents) behind(s *source, at spot, to any) {
	for _, w := range []*way{at.within, at.past} {
		if w != nil {
			d.way(s, w)
			d.edge(w, to)
		}
	}
	if at.fn != nil {
		d.edge(runs{at.fn}, to)
	}
}

func (d *dependents) way(s *source, w *way) {
	for ; w != nil && !d.seen[w]; w = w.before {
		d.seen[w] = true
		if !w.raises {
			d.all(s, []ast.Expr{w.condition}, w)
		}
		if w.before != nil {
			d.edge(w.before, w)
		}
	}
}

func (d *dependents) add(s *source) {
	forOthers := map[*ast.TableExpr]bool{} // tables that only the library gets
	for _, c := range s.calls {
		d.call(s, c, forOthers)
	}
	for _, f := range s.flows {
		if !forOthers[f.table] {
			d.flow(s, f)
		}
	}
	for fn, names := range s.reads {
		for _, id := range names {
			if fn != nil {
				d.edge(d.node(s, id), fn)
			}
			if meant := s.meant(id); meant != nil {
				d.behind(s, s.spots[id], runs{meant})
			}
		}
	}
	for fn, all := range s.params {
		for _, p := range all {
			d.edge(handed{function: fn}, p)
		}
	}
	for fn, keys := range s.keyReads {
		for _, e := range keys {
			if fn != nil {
				key, _ := constant(e.Key)
				d.edge(d.keyOf(e.Object, key), fn)
			}
		}
	}
	for fn, names := range s.wholes {
		for _, id := range names {
			if fn != nil {
				d.edge(whole{d.node(s, id)}, fn)
			}
		}
	}
	for outer, inner := range s.inner {
		for _, fn := range inner {
			d.behind(s, s.spots[fn], runs{fn})
			if outer != nil {
				d.edge(fn, outer)
			}
		}
	}
}

func (d *dependents) flow(s *source, f flow) {
	to, name := d.goesTo(s, f)
	if to == nil {
		return
	}
	d.all(s, f.from, to)
	if f.to != nil { // else it is new there, and seen by nothing that does not stand behind the same conditions
		d.behind(s, f.spot, to)
	}
	if key, ok := f.to.(*ast.AttrGetExpr); ok {
		if id, ok := key.Object.(*ast.IdentExpr); ok {
			d.edge(to, whole{d.node(s, id)})
		}
	}
	given, _ := to.(keyName)
	for _, e := range f.from {
		switch e := e.(type) {
		case *ast.IdentExpr:
			if given.given {
				d.edge(whole{d.node(s, e)}, to)
			}
		case *ast.FunctionExpr:
			d.edge(called(name), runs{e})
			for i, p := range s.params[e] {
				d.edge(handed{to: name, i: i}, p)
			}
		case *ast.TableExpr:
			for _, field := range e.Fields {
				if _, ok := constant(field.Key); ok {
					d.all(s, []ast.Expr{field.Value}, whole{to})
					if given.given {
						d.all(s, []ast.Expr{field.Value}, to)
					}
				}
			}
		}
	}
}

// call notes what goes from the arguments of a call to the parameters of functions of that name, and of functions that
// are among the arguments; and into tables among them, which the call may fill.
func (d *dependents) call(s *source, c call, forOthers map[*ast.TableExpr]bool) {
	to := d.callee(s, c)
	if to.library == "" && to.name != "" {
		d.behind(s, c.spot, called(to.name))
		for i, arg := range to.args {
			d.edge(d.value(s, arg), handed{to: to.name, i: i})
		}
	}
	for _, taker := range d.takers(s, to) {
		if from := (given{c.FuncCallExpr}); !d.seen[from] {
			d.seen[from] = true
			d.all(s, to.args, from)
			d.behind(s, c.spot, from)
		}
		if fn, ok := taker.(*ast.FunctionExpr); ok {
			taker = handed{function: fn}
		}
		d.edge(given{c.FuncCallExpr}, taker)
	}
	for _, arg := range to.args {
		if t, ok := arg.(*ast.TableExpr); ok {
			forOthers[t] = to.library != "" && !to.fills()
		}
	}
}

// mentionsOptions reports whether a value depends on options.
func (c *checker) mentionsOptions(e ast.Expr) bool {
	known, ok := c.mentions[e]
	if ok {
		return known
	}
	depends := c.unit.dependsOnOptions()
	names, values := c.parts(c.source, e)
	c.spend(1 + len(names) + len(values))
	known = slices.ContainsFunc(names, func(name any) bool { return depends[name] }) || slices.ContainsFunc(values, c.mentionsOptions)
	c.mentions[e] = known
	return known
}
