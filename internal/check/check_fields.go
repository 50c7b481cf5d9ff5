package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/bridge"
)

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
				return fmt.Sprintf(" (did you mean %q?)", field+"."+name)
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
