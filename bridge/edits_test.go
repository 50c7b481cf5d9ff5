package bridge_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/bridge"
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
	switch e.oneOf("edit", "set", "set", "set", "nil", "same", "replace") {
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
			list.items = append(list.items, through(old.items[i]))
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

// roots are the values that the edits begin with.
func drawRoot(t *rapid.T) reflect.Value {
	if rapid.Bool().Draw(t, "free-form") {
		v := any(map[string]any{"a": drawFree(t, 3), "b": []any{drawFree(t, 2), json.Number("9007199254740993"), drawFree(t, 2)}, "c": drawFree(t, 3)})
		return reflect.ValueOf(&v).Elem()
	}
	s := mShare{secret: 1}
	v := reflect.ValueOf(&s).Elem()
	for i := range v.NumField() {
		if v.Field(i).CanSet() {
			v.Field(i).Set(drawModel(t, v.Field(i).Type(), 3))
		}
	}
	if rapid.Bool().Draw(t, "pointer") {
		p := &s
		return reflect.ValueOf(&p).Elem()
	}
	return v
}

var bigNumbers = []int64{9007199254740993, 1152921504606846977, -36028797018963969, 7}

func drawFree(t *rapid.T, depth int) any {
	v := drawModel(t, reflect.TypeFor[any](), depth)
	if v.IsNil() {
		return nil
	}
	return v.Interface()
}

func drawModel(t *rapid.T, typ reflect.Type, depth int) reflect.Value {
	v := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.Int64:
		v.SetInt(rapid.SampledFrom(bigNumbers).Draw(t, "int"))
	case reflect.Float64:
		v.SetFloat(0.5 * float64(rapid.IntRange(0, 9).Draw(t, "float")))
	case reflect.String:
		if typ == reflect.TypeFor[json.Number]() {
			v.SetString(rapid.SampledFrom([]string{"9007199254740993", "5", "0.5", "-36028797018963969"}).Draw(t, "number"))
		} else {
			v.SetString(rapid.SampledFrom(words).Draw(t, "word"))
		}
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				v.Field(i).Set(drawModel(t, typ.Field(i).Type, depth-1))
			}
		}
		if l, ok := v.Addr().Interface().(*mLoc); ok {
			l.secret = 2
		}
	case reflect.Pointer:
		if depth > 0 && rapid.IntRange(0, 3).Draw(t, "pointer") > 0 {
			v.Set(reflect.New(typ.Elem()))
			v.Elem().Set(drawModel(t, typ.Elem(), depth-1))
		}
	case reflect.Interface:
		types := []reflect.Type{reflect.TypeFor[string](), reflect.TypeFor[json.Number](), reflect.TypeFor[int64](), reflect.TypeFor[bool]()}
		if depth > 0 {
			types = append(types, reflect.TypeFor[map[string]any](), reflect.TypeFor[[]any](), reflect.TypeFor[map[string]any](),
				reflect.TypeFor[[]any](), reflect.TypeFor[*mLoc](), reflect.TypeFor[mLoc](), reflect.TypeFor[[]int64]())
		}
		if rapid.IntRange(0, 6).Draw(t, "any") > 0 {
			inner := drawModel(t, rapid.SampledFrom(types).Draw(t, "type"), depth-1)
			if inner.Kind() != reflect.Pointer || !inner.IsNil() {
				v.Set(inner)
			}
		}
	case reflect.Slice:
		if n := rapid.SampledFrom([]int{2, 1, 3, 0, -1}).Draw(t, "len"); n >= 0 && depth > 0 {
			v.Set(reflect.MakeSlice(typ, 0, n))
			for range n {
				v.Set(reflect.Append(v, drawModel(t, typ.Elem(), depth-1)))
			}
		}
	case reflect.Map:
		if n := rapid.SampledFrom([]int{2, 1, 3, 0, -1}).Draw(t, "len"); n >= 0 && depth > 0 {
			v.Set(reflect.MakeMap(typ))
			for range n {
				v.SetMapIndex(reflect.ValueOf(rapid.SampledFrom(words).Draw(t, "key")), drawModel(t, typ.Elem(), depth-1))
			}
		}
	}
	return v
}

const dumpLua = `
function dump(v)
  if v == null then return "null" end
  if type(v) == "number" then return string.format("%.14g", v) end
  if type(v) ~= "table" then return tostring(v) end
  local parts = {}
  if #v > 0 then
    for i, x in ipairs(v) do parts[i] = dump(x) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for k, x in pairs(v) do parts[#parts + 1] = k .. "=" .. dump(x) end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end
`

// endings are how a hook can end without effect: by an error, at an assignment, or at the commit.
var endings = []struct{ lua, fails string }{
	{`error("stop")`, "run"},
	{`result.x.y.z = 1`, "run"},
	{`table.insert(result, 1)`, "run"},
	{`local t = {} t.t = t return t`, "commit"},
	{`return print`, "commit"},
	{`return { a = { 1, nil, 3 } }`, "commit"},
}

// TestEditsEqualThoseOnAPlainModel lets several hooks one after another make random edits. After each, what scripts see and
// what is committed must be what the same edits make of the model; a hook that fails must leave no trace.
func TestEditsEqualThoseOnAPlainModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		value := drawRoot(rt)
		first := dump(value)
		var s bridge.Scope
		var r bridge.Root
		r.Init(&s, "result", value, true)
		defer s.Close()
		for range rapid.IntRange(1, 4).Draw(rt, "hooks") {
			before := r.Go()
			e := &editor{T: rt, root: modelOf(before)}
			for range rapid.IntRange(0, 8).Draw(rt, "edits") {
				e.edit()
			}
			if rapid.IntRange(0, 4).Draw(rt, "fail") == 0 {
				failingHook(rt, e, &r)
			} else {
				committingHook(rt, e, &r)
			}
			s.Reset()
			checkShown(rt, &r)
		}
		if dump(value) != first {
			rt.Fatalf("the first value was changed:\n%s", cmp.Diff(first, dump(value)))
		}
	})
}

func failingHook(rt *rapid.T, e *editor, r *bridge.Root) {
	before := r.Go()
	end := rapid.SampledFrom(endings).Draw(rt, "ending")
	e.do("%s", end.lua)
	script := load(rt, "hook.lua", "function hook(result)\n"+e.lua.String()+"end")
	returned, err := script.call(rt, "hook", r.Value())
	if end.fails == "commit" && err == nil {
		_, err = r.Commit(returned)
	}
	if err == nil {
		rt.Fatalf("no error from\n%s", e.lua.String())
	}
	if !identical(before, r.Go()) {
		rt.Fatalf("a hook that failed with %v left\n%s", err, cmp.Diff(dump(before), dump(r.Go())))
	}
}

func committingHook(rt *rapid.T, e *editor, r *bridge.Root) {
	before := r.Go()
	body := e.lua.String()
	if rapid.IntRange(0, 5).Draw(rt, "replacement") == 0 {
		typ := before.Type()
		for typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.Kind() == reflect.Interface {
			typ = reflect.TypeFor[map[string]any]()
		}
		text, v := e.value(typ, 3)
		body, e.root = body+"return "+text, v
	}
	script := load(rt, "hook.lua", dumpLua+"function hook(result)\n"+body+"\nend\nfunction seen(result) return dump(result) end")
	returned, err := script.call(rt, "hook", r.Value())
	if err != nil {
		rt.Fatalf("%v\n%s", err, body)
	}
	shown := returned
	if returned.IsNil() {
		shown = r.Value()
	}
	if got, want := script.mustCall(rt, "seen", shown).Lua().String(), luaText(e.root); got != want {
		rt.Fatalf("before the commit scripts see (-want +got):\n%s\n%s", cmp.Diff(want, got), body)
	}
	changed, err := r.Commit(returned)
	if err != nil {
		rt.Fatalf("commit: %v\n%s", err, body)
	}
	after := r.Go()
	if diff := cmp.Diff(jsonOf(e.root, before.Type()), canonicalJSON(after.Interface())); diff != "" {
		rt.Fatalf("committed (-want +got):\n%s\n%s", diff, body)
	}
	if !changed && !identical(before, after) {
		rt.Fatalf("the commit reports no change\n%s", body)
	}
}

// checkShown checks that scripts see the committed value, and nothing else.
func checkShown(rt *rapid.T, r *bridge.Root) {
	script := load(rt, "hook.lua", dumpLua)
	if got, want := script.mustCall(rt, "dump", r.Value()).Lua().String(), luaText(modelOf(r.Go())); got != want {
		rt.Fatalf("after Reset scripts see (-want +got):\n%s", cmp.Diff(want, got))
	}
	if changed, err := r.Commit(bridge.Value{}); changed || err != nil {
		rt.Fatalf("after Reset: commit reports changed %v, error %v", changed, err)
	}
}
