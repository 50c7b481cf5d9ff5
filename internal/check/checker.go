package check

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/suggest"
)

// check reports what is wrong in one file of the unit.
func (u *unit) check(s *source) {
	c := &checker{unit: u, source: s}
	for _, g := range s.globals {
		c.global(g)
	}
	for _, a := range s.accesses {
		c.access(a)
	}
	for _, call := range s.calls {
		c.call(call)
	}
	for _, cmp := range s.comparisons {
		c.comparison(cmp)
	}
	for _, r := range s.returns {
		if e, ok := s.entries[r.fn]; ok && e.phase == "post" {
			c.value(r.value, u.types.result(e.method), "result")
		}
	}
	for _, h := range s.handlers {
		c.method(h.phase, h.method, h.line)
	}
	c.uncalled()
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
}

func (c *checker) problem(line int, format string, args ...any) {
	c.unit.problem(c.file, line, format, args...)
}

// global reports the name of a global that is not defined.
func (c *checker) global(g globalRead) {
	name := g.Value
	if _, known := c.schema.Globals[name]; known || c.unit.assigned(name) || c.blind {
		return
	}
	if advice, ok := c.schema.Removed[name]; ok {
		c.problem(g.Line(), "%s is not available in hooks: %s", name, advice)
		return
	}
	if meant, ok := foreignNames[name]; ok {
		c.problem(g.Line(), "undefined global %q (did you mean %s?)", name, meant)
		return
	}
	candidates := names(c.schema.Globals)
	for _, s := range c.sources {
		candidates = append(candidates, names(s.assigned)...)
	}
	for s := g.scope; s != nil; s = s.outer {
		candidates = append(candidates, names(s.names)...)
	}
	c.problem(g.Line(), "undefined global %q%s", name, hint(name, candidates))
}

// foreignNames maps names from other languages to what Lua calls the same thing.
var foreignNames = map[string]string{
	"None": "nil", "NULL": "nil", "Null": "nil", "undefined": "nil", "nullptr": "nil",
	"True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "this": "self",
}

// member reports a name that a library or host object does not have.
func (c *checker) member(library string, members []string, name string, line int) {
	if slices.Contains(members, name) || c.anywhere(func(s *source) bool { return s.members[library][name] }) {
		return
	}
	if advice, ok := c.schema.Removed[library+"."+name]; ok {
		c.problem(line, "%s.%s is not available in hooks: %s", library, name, advice)
		return
	}
	c.problem(line, "%s.%s: no such function%s", library, name, hint(name, members))
}

// method reports a function for a method that the service does not have.
func (c *checker) method(phase, name string, line int) {
	if len(c.types.methods) == 0 {
		return
	}
	if _, known := c.types.methods[name]; !known {
		quoted := strconv.Quote(name)
		c.problem(line, "%s.%s: the service has no method %s%s", phase, quoted[1:len(quoted)-1], quoted, hint(name, names(c.types.methods)))
	}
}

// call reports a method that a value does not have, a module that is not there, a reject that comes too late, items
// that do not fit a list, and arguments that do not fit a function.
func (c *checker) call(e call) {
	if e.Func == nil {
		if library, members := c.library(e.Receiver); library != "" {
			c.member(library, members, e.Method, e.Line())
		} else {
			c.key(e.Receiver, e.Method, e.Line(), true)
		}
		return
	}
	if c.isBuiltin(e.Func, "require") && len(e.Args) == 1 {
		if name, ok := written(e.Args[0]); ok {
			c.module(name, e.Line())
		}
	}
	if in, ok := c.entries[e.fn]; ok && in.phase != "pre" && c.isBuiltin(e.Func, "reject") {
		c.problem(e.Line(), "reject works in pre only, before the driver is called")
	}
	c.tableCall(e)
	c.arguments(e)
}

// module reports a module that is not there, with what the script may need instead.
func (c *checker) module(name string, line int) {
	_, found := c.schema.Modules[name]
	if found || c.schema.Modules == nil || slices.Contains(c.schema.Libraries, name) {
		return
	}
	if advice, ok := c.schema.Removed[name]; ok {
		c.problem(line, "%s is not available in hooks: %s", name, advice)
		return
	}
	why := hint(name, names(c.schema.Modules))
	if len(c.schema.Globals[name]) > 0 {
		why = ": " + name + " is a global, which nobody requires"
	}
	c.problem(line, "module %q not found in the scripts folder's lib%s", name, why)
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
		c.problem(e.Line(), "%s: read only", c.describe(e.Args[0]))
		return
	}
	if name == "insert" && len(e.Args) > 1 {
		c.value(e.Args[len(e.Args)-1], list.elem, c.describe(e.Args[0])+"[...]")
	}
}

// comparison reports a comparison with a text that the value never has, such as a misspelt method.
func (c *checker) comparison(e *ast.RelationalOpExpr) {
	if e.Operator != "==" && e.Operator != "~=" {
		return
	}
	value, text := e.Lhs, e.Rhs
	if _, ok := constant(value); ok {
		value, text = text, value
	}
	got, ok := constant(text)
	s := c.shapeOf(value)
	if !ok || s == nil || len(s.values) == 0 || slices.Contains(s.values, got) {
		return
	}
	c.problem(text.Line(), "%s is never %q%s", c.describe(value), got, hint(got, s.values))
}

// uncalled reports functions that look meant for the engine to call, but are not called.
func (c *checker) uncalled() {
	entries := append(slices.Clone(phases), string(engine.PhasePeriodic))
	for name, line := range c.functions {
		used := c.anywhere(func(s *source) bool { return s.used[name] })
		if near := suggest.Hint(name, entries); near != "" && !used && !isEntry(name) && len(name) <= 16 && !c.blind {
			c.problem(line, "nothing calls the function %q%s", name, near)
		}
	}
	for _, v := range c.declared {
		if v.function && v.main && !v.used && !v.assigned && isEntry(v.name) {
			c.problem(v.line, "nothing calls the local function %q: the engine calls global functions only", v.name)
		}
	}
}

// returnedHandlers reports functions in a table that a script returns, as scripts of other systems do. The engine calls
// only the globals of a script.
func (c *checker) returnedHandlers() {
	for _, f := range c.handedOut {
		name, _ := constant(f.Key)
		if _, isFunction := f.Value.(*ast.FunctionExpr); isFunction && isEntry(name) {
			c.problem(f.Key.Line(), "nothing calls the function %q that the script returns: define it as a global function", name)
		}
	}
}

// access checks a key that is read or written.
func (c *checker) access(a access) {
	key, ok := constant(a.Key)
	line := a.Key.Line()
	if id, isName := a.Object.(*ast.IdentExpr); ok && isName && !c.isLocal(id) {
		if isPhase(id.Value) {
			c.method(id.Value, key, line)
			return
		}
		if library, members := c.library(id); library != "" {
			c.member(library, members, key, line)
			return
		}
	}
	if !ok {
		if s := c.shapeOf(a.Object); s != nil && s.readOnly && a.write {
			c.problem(a.Line(), "%s: read only", c.describe(a.AttrGetExpr))
		}
		c.value(a.value, c.shapeOf(a.AttrGetExpr), c.describe(a.AttrGetExpr))
		return
	}
	if !c.key(a.Object, key, line, false) || !a.write {
		return
	}
	if c.shapeOf(a.Object) != nil && c.shapeOf(a.Object).readOnly {
		c.problem(line, "%s: read only", c.describe(a.AttrGetExpr))
		return
	}
	c.value(a.value, c.shapeOf(a.AttrGetExpr), c.describe(a.AttrGetExpr))
}

// key reports a key or a method that the object cannot have. It returns whether all is well.
func (c *checker) key(object ast.Expr, name string, line int, method bool) bool {
	s := c.shapeOf(object)
	if s == nil {
		return true
	}
	at := fmt.Sprintf("%s.%s", c.describe(object), name)
	switch s.kind {
	case bridge.Record:
		if _, ok := s.fields[name]; !ok {
			c.problem(line, "%s: no such field%s", at, s.hint(name))
			return false
		}
	case bridge.List:
		advice := ": want an index"
		if method {
			advice = hintTable(name)
		}
		c.problem(line, "%s: %s is a list%s", at, c.describe(object), advice)
		return false
	case bridge.String:
		return c.stringMethod(at, name, line)
	case bridge.Integer, bridge.Number, bridge.Boolean:
		c.problem(line, "%s: %s is a %s", at, c.describe(object), luaType(s.kind))
		return false
	}
	return true
}

// hint names the field that was probably meant: one of that name one level below, or else one with a similar name.
func (s *shape) hint(name string) string {
	for _, field := range names(s.fields) {
		if below := s.fields[field]; below != nil {
			if _, ok := below.fields[name]; ok {
				return suggest.DidYouMean(field + "." + name)
			}
		}
	}
	return hint(name, names(s.fields))
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
func (c *checker) stringMethod(at, name string, line int) bool {
	members, ok := c.schema.Globals["string"]
	if !ok || slices.Contains(members, name) || c.unit.addsMethod(name) {
		return true
	}
	c.problem(line, "%s: strings have no method %q%s", at, name, hint(name, members))
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
		case want.kind == bridge.Record && named:
			below := at + "." + key
			if _, ok := want.fields[key]; !ok {
				c.problem(f.Key.Line(), "%s: no such field%s", below, want.hint(key))
				continue
			}
			c.value(f.Value, want.fields[key], below)
		case want.kind == bridge.List && f.Key == nil:
			c.value(f.Value, want.elem, at+"[...]")
		}
	}
}

// describe names a value in a message: as the source does, or by what it is.
func (c *checker) describe(e ast.Expr) string {
	name := path(e)
	if s := c.shapeOf(e); name == "" && s != nil {
		name = "a " + luaType(s.kind)
	}
	return cmp.Or(name, "value")
}

// luaType returns what a script calls a value of the kind.
func luaType(k bridge.Kind) string {
	if k == bridge.Integer {
		return "number"
	}
	return string(k)
}
