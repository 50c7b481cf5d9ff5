package check

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// maxDepth bounds the nesting of what is checked, and so the recursion of the checker and of the compiler that follows
// it. An operator with many operands nests too: a .. b .. c is two levels.
const maxDepth = 200

// binder walks a file once, finds out what each name means, and notes what is to be checked.
type binder struct {
	*source
	scope *scope
	fn    *ast.FunctionExpr // the function around the current place; nil in the main part
	body  *body             // the steps of that function; nil in the main part
	depth int
	there map[string]int // names that are known to be there, see guard.go

	asked  ast.Expr // that is only asked whether it is there
	naming []string // of the local variables that are declared with the function around the current place
	clock  int      // reads and writes of variables so far
	inline bool     // whether the function that is next counts as part of the one around it
	within *way     // the conditions of the branches around the current place
	past   *way     // those of branches before it that may leave the function
	leaves int      // statements so far that may leave the function or a loop
	raised int      // those of them that raise an error
}

// bind walks the file. It reports false, with s.deepest set, when the file is nested too deeply.
func (s *source) bind(chunk []ast.Stmt) bool {
	b := &binder{source: s, there: map[string]int{}}
	b.block(chunk)
	return s.deepest == 0
}

// enter goes one level down, unless that is too deep.
func (b *binder) enter(n ast.PositionHolder) bool {
	if b.deepest != 0 {
		return false
	}
	if b.depth++; b.depth > maxDepth {
		b.deepest = max(n.Line(), 1)
		return false
	}
	return true
}

func (b *binder) leave() { b.depth-- }

func (b *binder) open()  { b.scope = &scope{outer: b.scope, names: map[string]*variable{}} }
func (b *binder) close() { b.scope = b.scope.outer }

func (b *binder) block(stmts []ast.Stmt) {
	b.open()
	b.stmts(stmts)
	b.close()
}

func (b *binder) stmts(stmts []ast.Stmt) {
	label := lastLabel(stmts)
	var there []string // in the rest of the block
	for i, s := range stmts {
		if !b.enter(s) {
			return
		}
		b.stmt(s)
		b.leave()
		if i+1 < len(stmts) && i > label {
			b.noteDead(s, stmts[i+1])
		}
		if s, ok := s.(*ast.IfStmt); ok && len(s.Else) == 0 && ends(s.Then, b.raises) {
			b.noteAbsent(s.Condition, false)
			proved := b.proved(s.Condition, false)
			b.know(proved)
			there = append(there, proved...)
		}
	}
	b.forget(there)
}

func (b *binder) declare(name string, at nameAt, line int, shape func(*unit) *shape) *variable {
	v := &variable{name: name, at: at, line: line, since: b.clock, fn: b.fn, shape: shape}
	if b.scope.names[name] == nil {
		v.hides = b.scope.find(name)
	}
	b.scope.names[name] = v
	b.declared = append(b.declared, v)
	return v
}

func (b *binder) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.LocalAssignStmt:
		b.local(s)
	case *ast.AssignStmt:
		for i, value := range s.Rhs {
			_, isFunction := value.(*ast.FunctionExpr)
			switch {
			case i < len(s.Lhs) && isOwnIndex(s.Lhs[i], value):
				b.look(value)
			case i < len(s.Lhs) && isFunction:
				b.member(s.Lhs[i], func() { b.expr(value) })
			default:
				b.expr(value)
			}
		}
		b.alone[s.Lhs[0]] = len(s.Lhs) == 1
		for i, target := range s.Lhs {
			var value ast.Expr
			if i < len(s.Rhs) {
				value = s.Rhs[i]
			}
			b.assign(target, value)
			from := s.Rhs[min(i, len(s.Rhs)-1)]
			b.noteWrite(target, from)
			b.noteFlow(target, from)
		}
	case *ast.FuncDefStmt:
		b.define(s)
	case *ast.FuncCallStmt:
		b.expr(s.Expr)
	case *ast.GotoStmt:
		b.jumps = true
		b.leaves++
	case *ast.BreakStmt:
		b.leaves++
	case *ast.DoBlockStmt:
		b.block(s.Stmts)
	case *ast.WhileStmt:
		b.ask(s.Condition, false)
		b.noteLoop(s, "while", s.Condition, true, s.Stmts, func() {
			b.guarded(b.proved(s.Condition, true), func() {
				b.over([]ast.Expr{s.Condition}, holds, func() { b.block(s.Stmts) })
			})
		})
	case *ast.RepeatStmt:
		b.noteLoop(s, "repeat", s.Condition, false, s.Stmts, func() {
			b.open()
			b.stmts(s.Stmts)
			b.ask(s.Condition, false) // it sees the locals of the block
			b.close()
		})
	case *ast.IfStmt:
		b.branches(s)
	case *ast.NumberForStmt:
		b.need(s.Init, s.Limit, s.Step)
		limits := slices.DeleteFunc([]ast.Expr{s.Init, s.Limit, s.Step}, func(e ast.Expr) bool { return e == nil })
		b.exprs(limits)
		b.open()
		v := b.declare(s.Name, nameAt{s, 0}, s.Line(), func(u *unit) *shape { return u.types.number })
		v.kind = loopVariable
		b.noteDeclared(v, limits...)
		decides, is := limits, either
		if s.Step == nil {
			decides, is = []ast.Expr{&ast.RelationalOpExpr{Operator: "<=", Lhs: s.Init, Rhs: s.Limit}}, holds
		}
		b.over(decides, is, func() { b.stmts(s.Stmts) })
		b.close()
	case *ast.GenericForStmt:
		b.loop(s)
	case *ast.ReturnStmt:
		b.result(s)
	}
}

// result walks a return.
func (b *binder) result(s *ast.ReturnStmt) {
	b.leaves++
	if b.fn == nil {
		b.results = append(b.results, s)
	}
	b.answers[b.fn] = append(b.answers[b.fn], s.Exprs...)
	if len(s.Exprs) != 1 {
		b.exprs(s.Exprs)
		return
	}
	value := s.Exprs[0]
	if b.fn != nil {
		b.expr(value)
		b.returns = append(b.returns, returned{value, b.fn})
		return
	}
	b.look(value) // what the file returns is handed on to no more than what can be seen of it
	if t, ok := value.(*ast.TableExpr); ok {
		b.handedOut = t.Fields
	}
}

// branches walks an if and its elseifs, which are nested in the tree, as a list.
func (b *binder) branches(s *ast.IfStmt) {
	var there []string // in the rest of the list
	var taken [][]step
	first, within, leaves, raised := s, b.within, b.leaves, b.raised
	var after []verdict // of the conditions, where the list has been left
	allEnd := true      // the branches so far
	for {
		b.ask(s.Condition, false)
		before := b.within
		b.within = &way{condition: s.Condition, is: holds, before: before}
		b.guarded(b.proved(s.Condition, true), func() {
			taken = append(taken, b.branch(func() {
				b.noteAbsent(s.Condition, true)
				b.block(s.Then)
			}))
		})
		b.within = &way{condition: s.Condition, is: fails, before: before} // in the rest of the list
		allEnd = allEnd && ends(s.Then, b.raises)
		switch {
		case allEnd:
			after = append(after, fails)
		case s == first && len(s.Else) > 0 && ends(s.Else, b.raises):
			after = append(after, holds)
		default:
			after = append(after, either)
		}
		otherwise := b.proved(s.Condition, false)
		b.know(otherwise)
		there = append(there, otherwise...)
		next, chained := (*ast.IfStmt)(nil), false
		if len(s.Else) == 1 {
			next, chained = s.Else[0].(*ast.IfStmt)
		}
		if !chained {
			break
		}
		s = next
	}
	taken = append(taken, b.branch(func() {
		b.noteAbsent(first.Condition, false)
		b.block(s.Else)
	}))
	b.forget(there)
	if b.leaves > leaves { // what follows runs only where no branch has left the function
		for w, i := b.within, len(after)-1; w != within; w, i = w.before, i-1 {
			b.past = &way{w.condition, after[i], b.past, b.leaves-leaves == b.raised-raised}
		}
	}
	b.within = within
	b.note(step{kind: branchStep, branches: taken})
}

func (b *binder) local(s *ast.LocalAssignStmt) {
	if len(s.Names) == 1 && len(s.Exprs) == 1 {
		if fn, ok := s.Exprs[0].(*ast.FunctionExpr); ok {
			if !syntax.IsLocalFunction(s) {
				b.naming = append(b.naming, s.Names[0])
				b.expr(fn)
				b.naming = b.naming[:len(b.naming)-1]
			}
			v := b.declare(s.Names[0], nameAt{s, 0}, s.Line(), nil)
			v.function, v.body = true, fn
			b.noteDeclared(v, fn)
			if syntax.IsLocalFunction(s) { // which may call itself
				b.expr(fn)
			}
			return
		}
	}
	b.exprs(s.Exprs)
	declared := make([]*variable, len(s.Names))
	for i, name := range s.Names {
		if i < len(s.Exprs) {
			value := s.Exprs[i]
			declared[i] = b.declare(name, nameAt{s, i}, s.Line(), func(u *unit) *shape { return u.shapeOf(value) })
			declared[i].value = value
		} else {
			declared[i] = b.declare(name, nameAt{s, i}, s.Line(), b.laterShape(s.Exprs, i))
		}
	}
	for i, v := range declared {
		v.rest = declared[i+1:]
		if len(s.Exprs) > 0 {
			b.noteDeclared(v, s.Exprs[min(i, len(s.Exprs)-1)])
		}
	}
}

func (b *binder) loop(s *ast.GenericForStmt) {
	b.exprs(s.Exprs)
	b.open()
	for i, name := range s.Names {
		v := b.declare(name, nameAt{s, i}, s.Line(), func(u *unit) *shape { return u.loopShape(s, i) })
		v.kind = loopVariable
		if call, ok := s.Exprs[0].(*ast.FuncCallExpr); ok && len(call.Args) == 1 && i == 1 {
			if id, ok := b.global(call.Func); ok && (id.Value == "ipairs" || id.Value == "pairs") {
				v.value = call.Args[0]
			}
		}
		b.noteDeclared(v, s.Exprs...)
	}
	b.over(s.Exprs, either, func() { b.stmts(s.Stmts) })
	b.close()
}

func (b *binder) define(s *ast.FuncDefStmt) {
	if s.Name.Method != "" {
		b.index(s.Name.Receiver)
		b.noteMember(s.Name.Receiver, s.Name.Method)
		b.noteKey(s.Name.Receiver, s.Name.Method, s.Func)
		b.noteColon(s)
		target := &ast.AttrGetExpr{Object: s.Name.Receiver, Key: &ast.StringExpr{Value: s.Name.Method}}
		b.noteFlow(target, s.Func)
		b.member(target, func() { b.function(s.Func, s.Name.Receiver) })
		return
	}
	b.assign(s.Name.Func, s.Func)
	b.noteWrite(s.Name.Func, s.Func)
	b.noteFlow(s.Name.Func, s.Func)
	if b.enter(s.Func) {
		b.member(s.Name.Func, func() { b.function(s.Func, nil) })
		b.leave()
	}
}

// assign notes a write. It does not walk the value: the caller does, before or after.
func (b *binder) assign(target, value ast.Expr) {
	switch target := target.(type) {
	case *ast.IdentExpr:
		b.assignName(target, value)
	case *ast.AttrGetExpr:
		b.index(target.Object)
		b.expr(target.Key)
		b.accesses = append(b.accesses, access{AttrGetExpr: target, write: true, value: value, spot: b.here()})
		if key, ok := constant(target.Key); ok {
			b.noteMember(target.Object, key)
			b.noteKey(target.Object, key, value)
		} else if id, ok := b.global(target.Object); ok {
			b.mayChange(id.Value)
		} else {
			b.handsOn(target.Object)
		}
		if fn, ok := value.(*ast.FunctionExpr); ok {
			b.noteEntry(target, fn)
		}
	}
}

func (b *binder) assignName(target *ast.IdentExpr, value ast.Expr) {
	b.clock++
	if v := b.scope.find(target.Value); v != nil {
		v.assigned, v.written, v.lastWrite = true, b.clock, target
		v.reaches = v.reaches || b.fn != v.fn
		b.locals[target] = v
		return
	}
	b.assigned[target.Value] = true
	if isFunction(value) {
		b.callable[target.Value] = true
	}
	b.uses[target.Value] = append(b.uses[target.Value], globalUse{target, true, b.fn, b.scope})
	switch value := value.(type) {
	case *ast.FunctionExpr:
		b.functions[target.Value], b.defined[target.Value] = target, value
		if isEntry(target.Value) {
			b.entries[value] = entry{phase: target.Value}
		}
	case *ast.TableExpr:
		if isPhase(target.Value) {
			b.noteHandlers(target.Value, value)
		}
	}
}

func (b *binder) exprs(es []ast.Expr) {
	for _, e := range es {
		b.expr(e)
	}
}

func (b *binder) expr(e ast.Expr) {
	if e == nil || !b.enter(e) {
		return
	}
	defer b.leave()
	switch e := e.(type) {
	case *ast.IdentExpr:
		b.handsOn(e)
		if b.read(e) {
			b.handOn(e.Value)
		}
	case *ast.AttrGetExpr:
		b.index(e.Object)
		b.expr(e.Key)
		if name := b.guardName(e); b.there[name] == 0 || isLocalGuard(name) {
			b.accesses = append(b.accesses, access{AttrGetExpr: e, asked: b.there[name] > 0, spot: b.here()})
		}
		if e != b.asked {
			b.takeHandler(e.Object, e.Key)
		}
		b.noteOption(e)
		b.noteKeyRead(e)
		b.noteRead(e)
		b.readThroughG(e)
	case *ast.FuncCallExpr:
		b.call(e)
	case *ast.FunctionExpr:
		b.function(e, nil)
	case *ast.TableExpr:
		b.over([]ast.Expr{&chosen{from: e}}, either, func() {
			for _, f := range e.Fields {
				b.expr(f.Key)
				b.expr(f.Value)
				b.noteField(e, f)
			}
		})
	case *ast.RelationalOpExpr:
		if other := againstNil(e); other != nil {
			b.ask(other, false)
			return
		}
		if option := b.againstBoolean(e); option != nil {
			b.ask(option, false)
			return
		}
		if e.Operator != "==" && e.Operator != "~=" {
			b.need(e.Lhs, e.Rhs)
		}
		b.look(e.Lhs)
		b.look(e.Rhs)
		b.comparisons = append(b.comparisons, e)
	case *ast.LogicalOpExpr:
		b.logical(e, true)
	case *ast.StringConcatOpExpr:
		b.need(e.Lhs, e.Rhs)
		b.expr(e.Lhs)
		b.expr(e.Rhs)
	case *ast.ArithmeticOpExpr:
		b.need(e.Lhs, e.Rhs)
		b.expr(e.Lhs)
		b.expr(e.Rhs)
	case *ast.UnaryMinusOpExpr:
		b.need(e.Expr)
		b.expr(e.Expr)
	case *ast.UnaryNotOpExpr:
		b.ask(e.Expr, false)
	case *ast.UnaryLenOpExpr:
		b.need(e.Expr)
		b.noteWhole(e.Expr)
		b.expr(e.Expr)
	}
}

// function walks a function. One that is defined with a colon has self, of the given object, before the parameters that
// it names; nil for none.
func (b *binder) function(fn *ast.FunctionExpr, object ast.Expr) {
	outer, steps, past, leaves, raised := b.fn, b.body, b.past, b.leaves, b.raised
	if !b.inline || b.body == nil {
		b.body = &body{}
		b.bodies[fn] = b.body
	}
	b.inline = false
	b.open()
	if object != nil {
		self := b.declare("self", nameAt{fn, -1}, fn.Line(), func(u *unit) *shape { return u.paramShape(fn, -1) })
		self.kind, self.of = parameter, object
		b.params[fn] = append(b.params[fn], self)
	}
	b.inner[outer], b.spots[fn] = append(b.inner[outer], fn), b.here()
	b.fn = fn
	for i, name := range fn.ParList.Names {
		v := b.declare(name, nameAt{fn, i}, fn.Line(), func(u *unit) *shape { return u.paramShape(fn, i) })
		v.kind = parameter
		b.params[fn] = append(b.params[fn], v)
	}
	if fn.ParList.HasVargs { // Lua 5.1 has them in a table as well, unless the function uses ...
		b.declare("arg", nameAt{fn, -1}, fn.Line(), nil).kind = argumentTable
	}
	b.stmts(fn.Stmts)
	b.fn, b.body, b.past, b.leaves, b.raised = outer, steps, past, leaves, raised
	b.close()
}

func (b *binder) call(e *ast.FuncCallExpr) {
	if e.Func != nil {
		b.object(e.Func)
	} else {
		b.index(e.Receiver)
	}
	if id, ok := b.global(e.Func); ok {
		switch id.Value {
		case "error", "assert":
			b.leaves++
			b.raised++
		case "reject": // which a hook may well be configured for
			b.leaves++
		}
		if isEntry(id.Value) {
			b.taken[id.Value] = true
		}
	}
	if e.Func == nil {
		b.takeHandler(e.Receiver, &ast.StringExpr{Value: e.Method})
		b.noteKeyRead(&ast.AttrGetExpr{Object: e.Receiver, Key: &ast.StringExpr{Value: e.Method}})
	}
	switch {
	case b.asksType(e):
		b.ask(e.Args[0], false)
	case b.guardName(e) != "" && !isLocalGuard(b.guardName(e)): // rawget(_G, "name")
		b.object(e.Args[0])
		b.throughG[b.guardName(e)] = true
		b.handOn(b.guardName(e))
		b.takeHandler(e.Args[0], e.Args[1])
	case b.protects(e) != nil:
		b.object(e.Args[0])
		b.exprs(e.Args[1:])
	default:
		for i, arg := range e.Args {
			b.noteWhole(arg)
			if id, ok := b.global(e.Func); ok && (id.Value == "ipairs" || id.Value == "pairs") {
				b.need(arg)
			}
			_, b.inline = arg.(*ast.FunctionExpr) // which is called at once, as by pcall
			if b.looksOnly(e, i) {
				b.look(arg)
			} else {
				b.expr(arg)
			}
		}
	}
	asked := false
	if e.Func == nil {
		name := b.guardName(&ast.AttrGetExpr{Object: e.Receiver, Key: &ast.StringExpr{Value: e.Method}})
		asked = isLocalGuard(name) && b.there[name] > 0
	}
	b.calls = append(b.calls, call{e, b.here(), asked})
	b.note(step{kind: callStep, call: e})
	b.noteRequire(e)
}

// noteRequire notes a call of require, also by way of pcall.
func (b *binder) noteRequire(e *ast.FuncCallExpr) {
	fn, args := e.Func, e.Args
	if inner := b.protects(e); inner != nil {
		fn, args = inner, args[1:]
	}
	if id, ok := b.global(fn); !ok || id.Value != "require" {
		return
	}
	name, known := "", false
	if len(args) == 1 {
		name, known = written(args[0])
	}
	if known {
		b.requires = append(b.requires, name)
	} else {
		b.requiresAny = true
	}
}

// protects returns the function of pcall(require, ...); nil for other calls.
func (b *binder) protects(e *ast.FuncCallExpr) ast.Expr {
	if id, ok := b.global(e.Func); !ok || id.Value != "pcall" || len(e.Args) == 0 {
		return nil
	}
	if id, ok := b.global(e.Args[0]); !ok || id.Value != "require" {
		return nil
	}
	return e.Args[0]
}

// need notes expressions that must not be nil where they stand.
func (b *binder) need(es ...ast.Expr) {
	for _, e := range es {
		b.needed[e] = true
	}
}

// index walks what is indexed.
func (b *binder) index(e ast.Expr) {
	b.indexed[e] = true
	b.object(e)
}

// object walks what is indexed or called. That does not hand on a global table.
func (b *binder) object(e ast.Expr) {
	b.need(e)
	if id, ok := e.(*ast.IdentExpr); ok {
		b.read(id)
		return
	}
	b.expr(e)
}

// read finds out what a name means, and reports whether it is a global.
func (b *binder) read(id *ast.IdentExpr) bool {
	b.noteRead(id)
	b.clock++
	b.reads[b.fn], b.spots[id] = append(b.reads[b.fn], id), b.here()
	if v := b.scope.find(id.Value); v != nil {
		v.used, v.read = true, b.clock
		if v.kind == localVariable && v.value != nil && v.written == 0 && v.fn == b.fn {
			b.firstReads[id] = true
		}
		b.locals[id] = v
		return false
	}
	b.used[id.Value] = true
	b.uses[id.Value] = append(b.uses[id.Value], globalUse{id, false, b.fn, b.scope})
	if b.there[id.Value] == 0 {
		b.globals = append(b.globals, globalRead{id, b.scope, slices.Contains(b.naming, id.Value), b.clock})
	}
	return true
}

// global returns the expression as a name when it names a global.
func (b *binder) global(e ast.Expr) (*ast.IdentExpr, bool) {
	id, ok := e.(*ast.IdentExpr)
	if !ok || b.scope.find(id.Value) != nil {
		return nil, false
	}
	return id, true
}

// handOn notes that what a global holds goes where it cannot be followed.
func (b *binder) handOn(name string) {
	b.mayChange(name)
	if isEntry(name) {
		b.taken[name] = true
	}
}

// takeHandler notes that a script calls a function for the engine itself, or does something else with it than to ask
// whether it is there.
func (b *binder) takeHandler(object ast.Expr, key ast.Expr) {
	id, ok := b.global(object)
	if !ok || !isPhase(id.Value) {
		return
	}
	e := entry{phase: id.Value}
	e.method, _ = constant(key) // or any
	b.taken[e.name()] = true
}

// mayChange notes that the table in a global may be changed in places that cannot be seen.
func (b *binder) mayChange(name string) {
	b.escaped[name] = true
	switch name {
	case "_G":
		b.reachesGlobals = true
	case "require":
		b.requiresAny = true
	}
}

// readThroughG notes _G.name, which hands on what the name means.
func (b *binder) readThroughG(e *ast.AttrGetExpr) {
	id, ok := b.global(e.Object)
	if !ok || id.Value != "_G" {
		return
	}
	if key, ok := constant(e.Key); ok {
		b.used[key], b.throughG[key] = true, true
		b.handOn(key)
	} else {
		b.handOn("_G")
	}
}

// noteMember notes that a key of a global table gets a value.
func (b *binder) noteMember(table ast.Expr, key string) {
	id, ok := b.global(table)
	switch {
	case !ok:
	case id.Value == "_G":
		b.assigned[key], b.callable[key] = true, true
	default:
		if b.members[id.Value] == nil {
			b.members[id.Value] = map[string]bool{}
		}
		b.members[id.Value][key] = true
	}
}

// noteEntry notes a function that is assigned to a method's key of pre, post, failed or finally.
func (b *binder) noteEntry(target *ast.AttrGetExpr, fn *ast.FunctionExpr) {
	id, ok := b.global(target.Object)
	method, known := constant(target.Key)
	if ok && known && isPhase(id.Value) {
		b.entries[fn] = entry{phase: id.Value, method: method}
	}
}

// noteHandlers notes the functions of a table that is assigned to pre, post, failed or finally.
func (b *binder) noteHandlers(phase string, t *ast.TableExpr) {
	for _, f := range t.Fields {
		method, ok := constant(f.Key)
		if !ok {
			continue
		}
		b.handlers = append(b.handlers, handler{phase, method, f.Key})
		if fn, ok := f.Value.(*ast.FunctionExpr); ok {
			b.entries[fn] = entry{phase: phase, method: method}
		}
	}
}

// noteColon notes a function for a method that is defined with a colon, as in pre:create_snapshot().
func (b *binder) noteColon(s *ast.FuncDefStmt) {
	if id, ok := b.global(s.Name.Receiver); ok && isPhase(id.Value) {
		b.handlers = append(b.handlers, handler{id.Value, s.Name.Method, s})
		b.colons = append(b.colons, s)
		b.entries[s.Func] = entry{phase: id.Value, method: s.Name.Method, colon: true}
	}
}

// noteOption notes a key of options that is read.
func (b *binder) noteOption(e *ast.AttrGetExpr) {
	if id, ok := b.global(e.Object); !ok || id.Value != "options" {
		return
	}
	if key, ok := constant(e.Key); ok {
		b.options[key] = true
	} else {
		b.handOn("options")
	}
}

// noteDead notes a statement that control never runs past, with the one that follows.
func (b *binder) noteDead(s, next ast.Stmt) {
	if stops(s, b.raises) {
		b.dead = append(b.dead, dead{s, next})
	}
}

// lastLabel returns the index of the last label of a block, to which a goto may lead; -1 where there is none.
func lastLabel(stmts []ast.Stmt) int {
	for i, s := range slices.Backward(stmts) {
		if _, ok := s.(*ast.LabelStmt); ok {
			return i
		}
	}
	return -1
}
