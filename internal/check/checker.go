package check

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/bridge/luatype"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/suggest"
)

// checkAll reports what is wrong in the files of the unit, and in what the config says of them.
func (u *unit) checkAll() {
	for _, s := range u.sources {
		u.check(s)
	}
	u.checkUses()
}

// check reports what is wrong in one file of the unit.
func (u *unit) check(s *source) {
	c := &checker{
		unit: u, source: s, storeless: map[string]bool{}, coming: map[string]bool{}, losing: map[ast.Expr]bool{}, mentions: map[ast.Expr]bool{},
		leading: map[*ast.FunctionExpr][]*ast.FunctionExpr{},
	}
	each(u, s.globals, c.global)
	each(u, s.accesses, c.access)
	each(u, s.calls, c.call)
	each(u, s.comparisons, c.comparison)
	each(u, s.returns, func(r returned) {
		if e, ok := c.entry(r.fn); ok && e.phase == "post" {
			c.value(r.value, u.types.result(e.method), "result")
		}
	})
	each(u, s.handlers, func(h handler) { c.method(h.phase, h.method, h.at, true) })
	each(u, s.colons, c.colon)
	c.uncalled()
	c.endless()
	c.habits()
	if len(u.schema.Waits) > 0 {
		c.waits()
	}
	if s == u.sources[0] {
		c.returnedHandlers()
	}
}

// checker reports what is wrong in one file.
type checker struct {
	*unit
	*source
	storeless map[string]bool // libraries that are known to need a store, where there is none
	coming    map[string]bool // functions for the engine that fixes define
	callsBy   map[*ast.FunctionExpr][]call

	losing  map[ast.Expr]bool // see loses
	makings *making           // nil until it is asked for

	chances []*chances // of the hooks, as far as they are asked for

	// What is known of reach.go's questions. Leaders are of each function those that stand around it or name it; nil until
	// they are asked for.
	leaders, leading map[*ast.FunctionExpr][]*ast.FunctionExpr
	mentions         map[ast.Expr]bool
}

// problem reports a mistake at a node.
func (c *checker) problem(code Code, at ast.PositionHolder, format string, args ...any) *Finding {
	return c.unit.problem(code, c.source, c.of(at, at.Line()), format, args...)
}

// global reports the name of a global that is not defined.
func (c *checker) global(g globalRead) {
	name := g.Value
	if _, known := c.schema.Globals[name]; known || c.unit.assigned(name) || c.blind {
		return
	}
	if advice, ok := c.schema.Removed[name]; ok {
		c.problem(notInHooks, g.IdentExpr, "%s is not available in hooks: %s", name, advice)
		return
	}
	if meant, ok := foreignNames[name]; ok {
		f := c.problem(undefinedGlobal, g.IdentExpr, "undefined global %q (did you mean %s?)", name, meant)
		if meant == "self" && g.scope.find(meant) != nil || meant != "self" && !c.needed[g.IdentExpr] { // nil.x is no Lua
			c.write(f, c.of(g.IdentExpr, g.Line()), meant)
		}
		return
	}
	if g.early {
		c.problem(undefinedGlobal, g.IdentExpr, "undefined global %q: the local variable is not there yet in its own function: write local function %s", name, name)
		return
	}
	candidates := []iter.Seq[string]{maps.Keys(c.schema.Globals), c.declaredAt(g)}
	for _, s := range c.sources {
		candidates = append(candidates, maps.Keys(s.assigned))
	}
	meant := c.nearest(name, candidates...)
	v := g.scope.find(meant.Name)
	if v != nil {
		v.used = true // in what its author meant
	}
	f := c.misspelt(undefinedGlobal, g.IdentExpr, meant, "undefined global %q", name)
	if v == nil && c.indexed[g.IdentExpr] && c.isLibraryOrObject(meant.Name) {
		f.Fix = nil // it may be a host object of a program that this command is not of
	}
}

// isLibraryOrObject reports whether the global of that name is a library or a host object, or at least no other table.
func (c *checker) isLibraryOrObject(name string) bool {
	_, known := c.schema.Globals[name]
	return known && !c.unit.assigned(name) && name != "options" && name != "service" && !isPhase(name)
}

// declaredAt are the local variables that are there where a global is read.
func (c *checker) declaredAt(g globalRead) iter.Seq[string] {
	return func(yield func(string) bool) {
		for s := g.scope; s != nil; s = s.outer {
			c.spend(len(s.names))
			for local, v := range s.names {
				if v.since < g.at && !yield(local) {
					return
				}
			}
		}
	}
}

// foreignNames maps names from other languages to what Lua calls the same thing.
var foreignNames = map[string]string{
	"None": "nil", "NULL": "nil", "Null": "nil", "undefined": "nil", "nullptr": "nil",
	"True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "this": "self",
}

// member reports a name that a library or host object does not have.
func (c *checker) member(library string, members []string, name string, at ast.PositionHolder) {
	if slices.Contains(members, name) || c.anywhere(func(s *source) bool { return s.members[library][name] }) {
		return
	}
	if advice, ok := c.schema.Removed[library+"."+name]; ok {
		c.problem(notInHooks, at, "%s.%s is not available in hooks: %s", library, name, advice)
		return
	}
	c.misspelt(unknownFunction, at, c.nearest(name, slices.Values(members)), "%s.%s: no such function", library, name)
}

// method reports a method that the service does not have, in a function for it or, where defines is false, in what
// reads that function.
func (c *checker) method(phase, name string, at ast.PositionHolder, defines bool) {
	if len(c.types.methods) == 0 {
		return
	}
	if _, known := c.types.methods[name]; !known {
		quoted := strconv.Quote(name)
		meant := c.nearest(name, maps.Keys(c.types.methods))
		f := c.misspelt(unknownMethod, at, meant, "%s.%s: the service has no method %s", phase, quoted[1:len(quoted)-1], quoted)
		if f.Fix != nil && (!defines || !c.mayDefine(phase, meant.Name)) {
			f.Fix = nil
		}
	}
}

// call reports a method that a value does not have, a module that is not there, a reject that comes too late, items
// that do not fit a list, and arguments that do not fit a function.
func (c *checker) call(e call) {
	if e.Func == nil {
		if library, members := c.library(e.Receiver); library != "" {
			c.member(library, members, e.Method, e.FuncCallExpr)
			c.libraryMethod(library, e)
		} else {
			c.key(e.Receiver, e.Method, e.FuncCallExpr, keyUse{method: true, asked: e.asked})
			c.arguments(e)
		}
		return
	}
	if c.isBuiltin(e.Func, "require") && len(e.Args) == 1 {
		if name, ok := written(e.Args[0]); ok {
			c.module(name, e.Args[0])
		}
	}
	if in, ok := c.entry(e.fn); ok && in.phase != "pre" && c.isBuiltin(e.Func, "reject") {
		c.problem(lateReject, e.FuncCallExpr, "reject works in pre only, before the driver is called")
	}
	c.tableCall(e)
	c.arguments(e)
	fn, args := e.Func, e.Args
	if c.isBuiltin(fn, "pcall") && len(args) > 0 {
		fn, args = args[0], args[1:]
	}
	if member, ok := fn.(*ast.AttrGetExpr); ok {
		c.acts(member, args, e.spot)
	}
}

// module reports a module that is not there, with what the script may need instead.
func (c *checker) module(name string, at ast.PositionHolder) {
	_, found := c.schema.Modules[name]
	if found || c.schema.Modules == nil || slices.Contains(c.schema.Libraries, name) {
		return
	}
	if advice, ok := c.schema.Removed[name]; ok {
		c.problem(notInHooks, at, "%s is not available in hooks: %s", name, advice)
		return
	}
	why := c.hint(name, maps.Keys(c.schema.Modules))
	if len(c.schema.Globals[name]) > 0 {
		why = ": " + name + " is a global, which nobody requires"
	}
	c.problem(unknownModule, at, "module %q not found in the scripts folder's lib%s", name, why)
}

// tableCall checks a call of a function of table that changes a list.
func (c *checker) tableCall(e call) {
	fn, ok := e.Func.(*ast.AttrGetExpr)
	if !ok || len(e.Args) == 0 {
		return
	}
	library, _ := c.library(fn.Object)
	name, _ := constant(fn.Key)
	if library != "table" || name != "insert" && name != "remove" && name != "sort" {
		return
	}
	list := c.shapeOf(e.Args[0])
	if list == nil {
		return
	}
	if list.readOnly {
		c.problem(readOnly, e.Args[0], "%s: read only", c.describe(e.Args[0]))
		return
	}
	c.argument(e.Args[0], e.spot)
	if name == "insert" && len(e.Args) > 1 {
		c.value(e.Args[len(e.Args)-1], list.elem, c.describe(e.Args[0])+"[...]")
	}
}

// uncalled reports functions that look meant for the engine to call, but are not called. Those of a module may be for
// other scripts.
func (c *checker) uncalled() {
	each(c.unit, names(c.functions), func(name string) {
		used := c.required || c.blind || c.anywhere(func(s *source) bool { return s.used[name] })
		if meant := resembled(name); meant.Name != "" && !used {
			f := c.misspelt(neverCalled, c.functions[name], meant, "nothing calls the function %q", name)
			local := func(use globalUse) bool { return use.scope.find(meant.Name) != nil }
			if f.Fix != nil && (slices.ContainsFunc(c.uses[name], local) || !c.mayDefine(meant.Name, "")) {
				f.Fix = nil
			}
		}
	})
	each(c.unit, c.declared, func(v *variable) {
		if v.function && v.fn == nil && !v.used && !v.assigned && isEntry(v.name) {
			c.unit.problem(neverCalled, c.source, c.of(v.at, v.line), "nothing calls the local function %q: the engine calls global functions only", v.name)
		}
	})
}

// resembled returns the global function of the engine's whose name a name may be meant for.
func resembled(name string) suggest.Guess {
	if isEntry(name) || len(name) > 16 {
		return suggest.Guess{}
	}
	return suggest.Meant(name, append(slices.Clone(phases), string(engine.PhasePeriodic)))
}

// returnedHandlers reports functions in a table that a script returns, as scripts of other systems do. The engine calls
// only the globals of a script.
func (c *checker) returnedHandlers() {
	for _, f := range c.handedOut {
		name, _ := constant(f.Key)
		if _, isFunction := f.Value.(*ast.FunctionExpr); isFunction && isEntry(name) {
			c.problem(neverCalled, f.Key, "nothing calls the function %q that the script returns: define it as a global function", name)
		}
	}
}

// access checks a key that is read or written.
func (c *checker) access(a access) {
	key, ok := constant(a.Key)
	if id, isName := a.Object.(*ast.IdentExpr); ok && isName && !c.isLocal(id) {
		if isPhase(id.Value) {
			c.method(id.Value, key, a.Key, a.write)
			return
		}
		if library, members := c.library(id); library != "" {
			c.member(library, members, key, a.Key)
			return
		}
	}
	if !ok {
		if s := c.shapeOf(a.Object); s != nil && s.readOnly && a.write {
			c.problem(readOnly, a.AttrGetExpr, "%s: read only", c.describe(a.AttrGetExpr))
		}
		if a.write {
			c.argument(a.AttrGetExpr, a.spot)
		}
		c.value(a.value, c.shapeOf(a.AttrGetExpr), c.describe(a.AttrGetExpr))
		return
	}
	if c.isBuiltin(a.Object, "options") {
		c.option(a, key)
	}
	if !c.key(a.Object, key, a.Key, keyUse{write: a.write, asked: a.asked}) || !a.write {
		return
	}
	if c.shapeOf(a.Object) != nil && c.shapeOf(a.Object).readOnly {
		c.problem(readOnly, a.Key, "%s: read only", c.describe(a.AttrGetExpr))
		return
	}
	c.argument(a.AttrGetExpr, a.spot)
	c.value(a.value, c.shapeOf(a.AttrGetExpr), c.describe(a.AttrGetExpr))
}

// keyUse says what is done with a key.
type keyUse struct{ method, write, asked bool }

// key reports a key or a method that the object cannot have. It returns whether all is well.
func (c *checker) key(object ast.Expr, name string, node ast.PositionHolder, use keyUse) bool {
	s := c.shapeOf(object)
	if s == nil {
		return true
	}
	at := fmt.Sprintf("%s.%s", c.describe(object), name)
	switch s.kind {
	case luatype.Record:
		if _, ok := s.fields[name]; !ok && !(s.open && (use.write || c.adds(s, name))) {
			return c.noField(s, at, name, node, use)
		}
	case luatype.List:
		advice := ": want an index"
		if use.method {
			advice = hintTable(name)
		}
		c.problem(unknownField, node, "%s: %s is a list%s", at, c.describe(object), advice)
		return false
	case luatype.String:
		return c.stringMethod(at, name, node)
	case luatype.Integer, luatype.Number, luatype.Boolean:
		c.problem(unknownField, node, "%s: %s is a %s", at, c.describe(object), luaType(s.kind))
		return false
	}
	return true
}

// noField reports a field that a record does not have, or a function that a module does not have.
func (c *checker) noField(s *shape, at, name string, node ast.PositionHolder, use keyUse) bool {
	c.spend(len(s.fields))
	paths := s.below(name)
	switch {
	case s.module != "" && use.asked:
	case s.module != "":
		c.misspelt(unknownFunction, node, c.nearest(name, maps.Keys(s.fields)), "%s: no such function in the module %s", at, s.module)
	case len(paths) > 0:
		f := c.problem(unknownField, node, "%s: no such field%s", at, oneOf(paths))
		if p := c.of(node, node.Line()); len(paths) == 1 && !use.write && p.from > 0 && c.source.source[p.from-1] == '.' {
			c.write(f, p, paths[0])
		}
	default:
		c.misspelt(unknownField, node, c.nearest(name, maps.Keys(s.fields)), "%s: no such field", at)
	}
	return false
}

// below returns the fields of that name which are one level below, as paths.
func (s *shape) below(name string) (paths []string) {
	for field, below := range s.fields {
		if below == nil {
			continue
		}
		if _, ok := below.fields[name]; ok {
			paths = append(paths, field+"."+name)
		}
	}
	slices.Sort(paths)
	return paths
}

// oneOf is [suggest.DidYouMean] for several names.
func oneOf(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return suggest.DidYouMean(names[0])
	}
	return fmt.Sprintf(` (did you mean "%s" or "%s"?)`, strings.Join(names[:last], `", "`), names[last])
}

// hintTable says how a list is used where its author expected methods.
func hintTable(name string) string {
	switch name {
	case "insert", "remove", "sort", "concat":
		return ": use table." + name
	}
	return " and has no methods"
}

// stringMethod reports a method that strings do not have: one that is neither in the library nor added to it by the
// unit.
func (c *checker) stringMethod(at, name string, node ast.PositionHolder) bool {
	members, ok := c.schema.Globals["string"]
	if !ok || slices.Contains(members, name) || c.unit.addsMethod(name) {
		return true
	}
	c.misspelt(unknownFunction, node, c.nearest(name, slices.Values(members)), "%s: strings have no method %q", at, name)
	return false
}

// value checks a table constructor that stands where a record or a list of records is wanted.
func (c *checker) value(e ast.Expr, want *shape, at string) {
	t, ok := e.(*ast.TableExpr)
	if !ok || want == nil {
		return
	}
	for _, f := range t.Fields {
		key, named := constant(f.Key)
		switch {
		case want.kind == luatype.Record && named:
			below := at + "." + key
			if _, ok := want.fields[key]; !ok {
				c.noField(want, below, key, f.Key, keyUse{write: true})
				continue
			}
			c.value(f.Value, want.fields[key], below)
		case want.kind == luatype.List && f.Key == nil:
			c.value(f.Value, want.elem, at+"[...]")
		}
	}
}

// describe names a value in a message: as the source does, or by what it is.
func (c *checker) describe(e ast.Expr) string {
	name := path(e)
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		name = callPath(e)
	case *ast.UnaryLenOpExpr:
		name = "#" + cmp.Or(path(e.Expr), "...")
	case *ast.UnaryNotOpExpr:
		name = "not " + cmp.Or(path(e.Expr), "...")
	}
	if s := c.shapeOf(e); name == "" && s != nil && s.module != "" {
		name = s.module
	} else if name == "" && s != nil {
		name = "a " + luaType(s.kind)
	}
	return cmp.Or(name, "value")
}

// callPath is [path] of a call, with no more of its arguments than a single path.
func callPath(e *ast.FuncCallExpr) string {
	name := path(e.Func)
	if e.Func == nil {
		name = cmp.Or(path(e.Receiver), "...") + ":" + e.Method
	}
	switch {
	case name == "":
		return ""
	case len(e.Args) == 0:
		return name + "()"
	case len(e.Args) == 1:
		return name + "(" + cmp.Or(path(e.Args[0]), "...") + ")"
	}
	return name + "(...)"
}

// luaType returns what a script calls a value of the kind.
func luaType(k luatype.Kind) string {
	switch k {
	case luatype.Integer:
		return "number"
	case luatype.Record, luatype.Map, luatype.List:
		return "table"
	}
	return string(k)
}
