package bridge_test

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"

	"pgregory.net/rapid"
)

// editor draws random edits, as Lua statements and on the model at once.
type editor struct {
	*rapid.T
	root any
	lua  strings.Builder
}

func (e *editor) do(format string, args ...any) { fmt.Fprintf(&e.lua, format+"\n", args...) }

func (e *editor) oneOf(label string, options ...string) string {
	return rapid.SampledFrom(options).Draw(e.T, label)
}

func (e *editor) upTo(n int, label string) int { return rapid.IntRange(0, n).Draw(e.T, label) }

// pick finds a table: its expression, its node and the type of its place.
func (e *editor) pick() (expr string, n *node) {
	expr, n = "result", e.root.(*node)
	for e.upTo(3, "deeper") > 0 {
		var below []entry
		for _, c := range n.children() {
			if _, ok := c.value.(*node); ok {
				below = append(below, c)
			}
		}
		if len(below) == 0 {
			break
		}
		c := rapid.SampledFrom(below).Draw(e.T, "child")
		expr, n = expr+c.step, c.value.(*node)
	}
	return expr, n
}

var words = []string{"a", "b", "c", "d"}

// value makes a new value for a place: a Lua expression and its model. It is never nil.
func (e *editor) value(t reflect.Type, depth int) (string, any) {
	switch t.Kind() {
	case reflect.Pointer:
		return e.value(t.Elem(), depth)
	case reflect.String:
		w := e.oneOf("word", words...)
		return fmt.Sprintf("%q", w), w
	case reflect.Int64:
		n := numOf(float64(e.upTo(9, "integer")))
		return string(n), n
	case reflect.Float64:
		n := numOf(float64(e.upTo(9, "number")) / 2)
		return string(n), n
	case reflect.Bool:
		b := rapid.Bool().Draw(e.T, "boolean")
		return fmt.Sprint(b), b
	case reflect.Interface:
		kinds := []reflect.Type{reflect.TypeFor[string](), reflect.TypeFor[float64](), reflect.TypeFor[bool](),
			reflect.TypeFor[map[string]any](), reflect.TypeFor[[]any]()}
		return e.value(rapid.SampledFrom(kinds).Draw(e.T, "kind"), depth)
	}
	return e.table(t, depth)
}

func (e *editor) table(t reflect.Type, depth int) (string, any) {
	n := &node{typ: t, keys: map[string]any{}, plain: true}
	var parts []string
	add := func(key string, place reflect.Type) {
		if _, seen := n.keys[key]; seen {
			return
		}
		expr, v := "null", any(nil)
		if !nullable(place) || e.upTo(4, "null") > 0 {
			expr, v = e.value(place, depth-1)
		}
		if t.Kind() == reflect.Slice {
			n.items = append(n.items, v)
			parts = append(parts, expr)
			return
		}
		n.keys[key] = v
		parts = append(parts, key+" = "+expr)
	}
	for range e.upTo(3, "size") {
		switch {
		case depth == 0:
		case t.Kind() == reflect.Struct:
			f := t.Field(e.upTo(t.NumField()-2, "field")) // the last one is unexported
			add(f.Name, f.Type)
		case t.Kind() == reflect.Map:
			add(e.oneOf("key", words...), t.Elem())
		default:
			add("", t.Elem())
		}
	}
	return "{ " + strings.Join(parts, ", ") + " }", n
}

// nullable reports whether a place can hold nothing.
func nullable(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface
}

// edit draws one edit and does it.
func (e *editor) edit() {
	expr, n := e.pick()
	if e.upTo(4, "read") == 0 {
		e.do("for k, v in pairs(%s) do local _ = %s[k] end; local _, _ = #%s, next(%s)", expr, expr, expr, expr)
	}
	if e.upTo(5, "move") == 0 {
		e.move(expr, n)
		return
	}
	if n.list() {
		e.editList(expr, n)
	} else {
		e.editKeys(expr, n)
	}
}

func (e *editor) editKeys(expr string, n *node) {
	key := e.oneOf("key", words...)
	if n.typ.Kind() == reflect.Struct {
		key = n.typ.Field(e.upTo(n.typ.NumField()-2, "field")).Name
	}
	place := n.place(key)
	switch e.oneOf("edit", "set", "set", "set", "nil", "same", "replace", "empty") {
	case "set":
		text, v := e.value(place, 3)
		e.do("%s.%s = %s", expr, key, text)
		n.set(key, v)
	case "nil":
		e.do("%s.%s = nil", expr, key)
		n.set(key, nil)
	case "same":
		if n.plain {
			return
		}
		e.do("%s.%s = %s.%s", expr, key, expr, key)
		if v, ok := n.keys[key]; ok && v == nil && n.typ.Kind() == reflect.Map {
			delete(n.keys, key) // a null reads as nil, and a nil removes the key
		}
	case "replace":
		e.replace(expr, key, n)
	case "empty":
		e.empty(expr, n)
	}
}

// empty puts a key into a map and then removes all keys in a walk. Nulls would go with them from a view, and stay in a
// plain table.
func (e *editor) empty(expr string, n *node) {
	for _, c := range n.children() {
		if c.value == nil {
			return
		}
	}
	if n.typ.Kind() == reflect.Map {
		text, _ := e.value(n.typ.Elem(), 1)
		e.do("%s.a = %s", expr, text)
		e.do("for k in pairs(%s) do %s[k] = nil end", expr, expr)
		clear(n.keys)
	}
}

// replace puts a new list in the place of one, made of the old items and new ones.
func (e *editor) replace(expr, key string, n *node) {
	old, ok := n.keys[key].(*node)
	if !ok || !old.list() || !slices.Contains([]reflect.Type{n.place(key), reflect.TypeFor[[]any]()}, old.typ) {
		return
	}
	list := &node{typ: old.typ, keys: map[string]any{}, plain: true}
	var parts []string
	for range e.upTo(4, "size") {
		if len(old.items) > 0 && e.upTo(2, "old") > 0 {
			i := e.upTo(len(old.items)-1, "item")
			parts = append(parts, fmt.Sprintf("%s.%s[%d]", expr, key, i+1))
			list.items = append(list.items, old.items[i])
			continue
		}
		text, v := e.value(old.typ.Elem(), 2)
		parts = append(parts, text)
		list.items = append(list.items, v)
	}
	e.do("%s.%s = { %s }", expr, key, strings.Join(parts, ", "))
	n.keys[key] = list
}

func (e *editor) editList(expr string, n *node) {
	length := len(n.items)
	switch e.oneOf("edit", "append", "insert", "insert at", "remove", "remove last", "pop", "set", "null", "swap", "sort") {
	case "append":
		text, v := e.value(n.typ.Elem(), 3)
		e.do("%s[#%s + 1] = %s", expr, expr, text)
		n.items = append(n.items, v)
	case "insert":
		text, v := e.value(n.typ.Elem(), 3)
		e.do("table.insert(%s, %s)", expr, text)
		n.items = append(n.items, v)
	case "insert at":
		i := e.upTo(length, "at")
		text, v := e.value(n.typ.Elem(), 3)
		e.do("table.insert(%s, %d, %s)", expr, i+1, text)
		n.items = slices.Insert(slices.Clone(n.items), i, v)
	case "remove":
		if length > 0 {
			i := e.upTo(length-1, "at")
			e.do("table.remove(%s, %d)", expr, i+1)
			n.items = slices.Delete(slices.Clone(n.items), i, i+1)
		}
	case "remove last":
		e.do("table.remove(%s)", expr)
		n.items = n.items[:max(length-1, 0)]
	case "pop":
		e.do("%s[#%s] = nil", expr, expr)
		n.items = n.items[:max(length-1, 0)]
	case "set", "null":
		if length > 0 {
			i := e.upTo(length-1, "at")
			text, v := e.value(n.typ.Elem(), 3)
			if nullable(n.typ.Elem()) && e.upTo(2, "null") == 0 {
				text, v = "null", nil
			}
			e.do("%s[%d] = %s", expr, i+1, text)
			n.items = slices.Clone(n.items)
			n.items[i] = v
		}
	case "swap":
		if length > 0 {
			i, j := e.upTo(length-1, "i"), e.upTo(length-1, "j")
			e.do("%s[%d], %s[%d] = %s[%d], %s[%d]", expr, i+1, expr, j+1, expr, j+1, expr, i+1)
			n.items = slices.Clone(n.items)
			n.items[i], n.items[j] = n.items[j], n.items[i]
		}
	case "sort":
		e.sort(expr, n)
	}
}

func (e *editor) sort(expr string, n *node) {
	items := slices.Clone(n.items)
	texts, numbers := 0, 0
	for _, v := range items {
		switch v.(type) {
		case string:
			texts++
		case num:
			numbers++
		}
	}
	switch len(items) {
	case texts:
		sort.SliceStable(items, func(i, j int) bool { return items[i].(string) < items[j].(string) })
	case numbers:
		sort.SliceStable(items, func(i, j int) bool { return items[i].(num).float() < items[j].(num).float() })
	default:
		return
	}
	e.do("table.sort(%s)", expr)
	n.items = items
}

// move puts a table that is somewhere in the value also somewhere else, and maybe takes it away from where it was.
func (e *editor) move(expr string, n *node) {
	srcExpr, src := e.pick()
	key, place := e.oneOf("key", words...), reflect.Type(nil)
	switch n.typ.Kind() {
	case reflect.Struct:
		key = n.typ.Field(e.upTo(n.typ.NumField()-2, "field")).Name
		place = n.place(key)
	default:
		place = n.typ.Elem()
	}
	target := place
	if target.Kind() == reflect.Pointer {
		target = target.Elem()
	}
	free := src.typ == reflect.TypeFor[map[string]any]() || src.typ == reflect.TypeFor[[]any]()
	fits := src.typ == target || place.Kind() == reflect.Interface && (!src.plain || free)
	if !fits || src.reaches(n) || src.hasPlainRecord() && place.Kind() == reflect.Interface {
		return
	}
	if n.list() {
		e.do("table.insert(%s, %s)", expr, srcExpr)
		n.items = append(slices.Clone(n.items), src)
		return
	}
	e.do("%s.%s = %s", expr, key, srcExpr)
	n.keys[key] = src
}

// hasPlainRecord reports whether a plain table that stands for a struct is anywhere in a node.
func (n *node) hasPlainRecord() bool {
	if n.plain && n.typ.Kind() == reflect.Struct {
		return true
	}
	for _, c := range n.children() {
		if v, ok := c.value.(*node); ok && v.hasPlainRecord() {
			return true
		}
	}
	return false
}
