package check

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/bridge/luatype"
)

// What depends on options, however far away: values go from one place to the next, by assignments, calls and what
// functions return, and a condition decides what is assigned behind it. All this is followed from name to name, without
// the order in which it happens. Keys count by their names, whatever table of a script they are in.

// flow is a place where values go to: what is assigned to, or a variable that is declared, or a key of a table that is
// made.
type flow struct {
	from  []ast.Expr
	to    ast.Expr
	into  *variable
	table *ast.TableExpr
	key   string
	spot
}

// What values go to, beside variables, which stand for themselves, and functions, which stand for what they return.
type (
	globalName string
	moduleName string // what require returns for it
	// keyName is a key, of any table that a script makes, or of any that is not its own, such as the call's arguments.
	keyName struct {
		name  string
		given bool
	}
	// whole is a table with all its keys.
	whole struct{ of any }
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

const anyModule = moduleName("") // whose name cannot be seen

// chosen stands for the key by which a table that a script writes down is indexed: it decides which of its functions
// run.
type chosen struct {
	ast.ExprBase
	from *ast.TableExpr
}

// noteFlow notes that values go to a target: a name, or a key of a table.
func (b *binder) noteFlow(target ast.Expr, from ...ast.Expr) {
	b.flows = append(b.flows, flow{from: from, to: target, spot: b.here()})
}

// noteDeclared notes that values go to a local variable.
func (b *binder) noteDeclared(v *variable, from ...ast.Expr) {
	b.flows = append(b.flows, flow{from: from, into: v, spot: b.here()})
}

// noteField notes that a value goes to a key of a table where that is made.
func (b *binder) noteField(t *ast.TableExpr, f *ast.Field) {
	if key, ok := constant(f.Key); ok {
		b.flows = append(b.flows, flow{from: []ast.Expr{f.Value}, table: t, key: key, spot: b.here()})
	}
}

// noteKeyRead notes that the function around the current place reads a key.
func (b *binder) noteKeyRead(e *ast.AttrGetExpr) {
	if _, ok := constant(e.Key); ok {
		b.keyReads[b.fn], b.spots[e] = append(b.keyReads[b.fn], e), b.here()
		return
	}
	b.noteWhole(e.Object)
	if t := b.tableOf(e.Object); t != nil {
		b.choices[t] = append(b.choices[t], e.Key)
	}
}

// tableOf returns the table that is made there where an expression stands for one, or where its variable is declared;
// nil for none.
func (b *binder) tableOf(e ast.Expr) *ast.TableExpr {
	if id, ok := e.(*ast.IdentExpr); ok {
		if v := b.scope.find(id.Value); v != nil {
			e = v.value
		}
	}
	t, _ := e.(*ast.TableExpr)
	return t
}

// member walks a function that is put into a table: the key by which that is indexed decides whether it runs.
func (b *binder) member(target ast.Expr, walk func()) {
	if field, ok := target.(*ast.AttrGetExpr); ok {
		if t := b.tableOf(field.Object); t != nil {
			b.over([]ast.Expr{&chosen{from: t}}, either, walk)
			return
		}
	}
	walk()
}

// noteWhole notes that the function around the current place reads what any key of a table may hold.
func (b *binder) noteWhole(e ast.Expr) {
	if id, ok := e.(*ast.IdentExpr); ok {
		b.wholes[b.fn] = append(b.wholes[b.fn], id)
	}
}

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
	var to any = keyName{name: f.key}
	name := f.key
	switch {
	case f.into != nil:
		to, name = f.into, f.into.name
	case f.to != nil:
		to, name = d.target(s, f.to)
	}
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

// target returns where values go that are assigned, and the name by which they are read there.
func (u *unit) target(s *source, e ast.Expr) (to any, name string) {
	switch e := e.(type) {
	case *ast.IdentExpr:
		return u.node(s, e), e.Value
	case *ast.AttrGetExpr:
		if key, ok := constant(e.Key); ok {
			return u.keyOf(e.Object, key), key
		}
		return u.target(s, e.Object)
	}
	return nil, ""
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

// callee is what a call calls: a function of a library, or one of a name of the script's, and what it gets.
type callee struct {
	library, name string
	args          []ast.Expr // with the object before them where it is a method
}

func (u *unit) callee(s *source, c call) (to callee) {
	to.name, to.args = c.Method, c.Args
	switch fn := c.Func.(type) {
	case nil:
		to.args = append([]ast.Expr{c.Receiver}, c.Args...)
		to.library, _ = u.library(c.Receiver)
	case *ast.IdentExpr:
		if to.name = fn.Value; s.locals[fn] == nil && !u.assigned(to.name) {
			if _, known := u.schema.Globals[to.name]; known {
				to.library = to.name
			}
		}
	case *ast.AttrGetExpr:
		to.name, _ = constant(fn.Key)
		to.library, _ = u.library(fn.Object)
	}
	return to
}

// fills reports whether the function may put something into a table that it gets.
func (c callee) fills() bool {
	switch c.library {
	case "", "table", "rawset", "setmetatable":
		return true
	}
	return false
}

// takers returns who may get the arguments of a call from it: functions among them, and the variables of tables that it
// may fill.
func (u *unit) takers(s *source, to callee) (all []any) {
	for _, arg := range to.args {
		switch arg := arg.(type) {
		case *ast.FunctionExpr:
			all = append(all, arg)
		case *ast.IdentExpr:
			v := s.locals[arg]
			if fn := s.meant(arg); fn != nil {
				all = append(all, fn)
			} else if v != nil && to.fills() && v.kind == localVariable && u.mayBeTable(v.value) {
				all = append(all, v)
			}
		}
	}
	return all
}

// mayBeTable reports whether a value is a table that is made there, or what a call returns that may be one.
func (u *unit) mayBeTable(e ast.Expr) bool {
	switch e.(type) {
	case *ast.TableExpr:
		return true
	case *ast.FuncCallExpr:
		s := u.shapeOf(e)
		return s == nil || s.kind != luatype.String && s.kind != luatype.Number && s.kind != luatype.Boolean
	}
	return false
}

func (u *unit) node(s *source, id *ast.IdentExpr) any {
	if v := s.locals[id]; v != nil {
		return v
	}
	return globalName(id.Value)
}

// keyOf returns a key of an object.
func (u *unit) keyOf(object ast.Expr, name string) keyName { return keyName{name, u.isGiven(object)} }

// isGiven reports whether a value is known to be no table of a script's, but one that it is given, or a part of that.
func (u *unit) isGiven(e ast.Expr) bool {
	if known, ok := u.given[e]; ok {
		return known
	}
	u.given[e] = false
	if s := u.shapeOf(e); s != nil {
		u.given[e] = s.module == ""
		return u.given[e]
	}
	switch e := e.(type) {
	case *ast.AttrGetExpr:
		u.given[e] = u.isGiven(e.Object)
	case *ast.IdentExpr:
		if v := u.local(e); v != nil && !v.assigned && v.value != nil {
			u.given[e] = u.isGiven(v.value)
		}
	}
	return u.given[e]
}

// parts returns what a value is made of: names and keys, and values of its own.
func (u *unit) parts(s *source, e ast.Expr) (names []any, values []ast.Expr) {
	anyKey := func(e ast.Expr) {
		if id, ok := e.(*ast.IdentExpr); ok {
			names = append(names, whole{u.node(s, id)})
		}
	}
	switch e := e.(type) {
	case *ast.IdentExpr:
		names = append(names, u.node(s, e))
	case *ast.FunctionExpr:
		names = append(names, e)
	case *chosen:
		values = s.choices[e.from]
	case *ast.AttrGetExpr:
		values = []ast.Expr{e.Object}
		if key, ok := constant(e.Key); ok {
			names = append(names, u.keyOf(e.Object, key))
		} else {
			values = append(values, e.Key)
			anyKey(e.Object)
		}
	case *ast.FuncCallExpr:
		if e.Func != nil {
			values = append(values, e.Func)
		} else {
			values = append(values, e.Receiver)
			names = append(names, u.keyOf(e.Receiver, e.Method))
		}
		values = append(values, e.Args...)
		if u.isBuiltin(e.Func, "require") && len(e.Args) == 1 {
			name, _ := written(e.Args[0])
			names = append(names, moduleName(name))
		}
		for _, arg := range e.Args {
			anyKey(arg)
		}
	case *ast.UnaryLenOpExpr:
		values = []ast.Expr{e.Expr}
		anyKey(e.Expr)
	case *ast.UnaryNotOpExpr:
		values = []ast.Expr{e.Expr}
	case *ast.UnaryMinusOpExpr:
		values = []ast.Expr{e.Expr}
	case *ast.LogicalOpExpr:
		values = []ast.Expr{e.Lhs, e.Rhs}
	case *ast.RelationalOpExpr:
		values = []ast.Expr{e.Lhs, e.Rhs}
	case *ast.StringConcatOpExpr:
		values = []ast.Expr{e.Lhs, e.Rhs}
	case *ast.ArithmeticOpExpr:
		values = []ast.Expr{e.Lhs, e.Rhs}
	case *ast.TableExpr:
		for _, f := range e.Fields {
			if _, ok := constant(f.Key); ok {
				continue
			}
			if values = append(values, f.Value); f.Key != nil {
				values = append(values, f.Key)
			}
		}
	}
	return names, values
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
