package bridge_test

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

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

// endings are how a hook can end without effect: by an error, at an assignment, or at the commit, which finds a mistake
// or is stopped by its meter.
var endings = []struct{ lua, fails string }{
	{`return { a = "half-made" }`, "meter"},
	{`error("stop")`, "run"},
	{`result.x.y.z = 1`, "run"},
	{`table.insert(result, 1)`, "run"},
	{`local t = {} t.t = t return t`, "commit"},
	{`return print`, "commit"},
	{`return { a = { 1, nil, 3 } }`, "commit"},
}

// TestEditsEqualThoseOnAPlainModel lets several hooks one after another make random edits, in several lives of their
// transaction, which may use views again. After each hook, what scripts see and what is committed must be what the same
// edits make of the model; a hook that fails must leave no trace.
func TestEditsEqualThoseOnAPlainModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom(roots).Draw(rt, "root")
		place := reflect.New(kind.typ).Elem()
		e := editedValue{T: rt}
		e.Bind(&e.tx, "result", place, true)
		for range rapid.IntRange(1, 3).Draw(rt, "lives") {
			place.Set(kind.draw(rt))
			e.tx.Resume()
			if e.vm != nil {
				e.vm.Of(&e.tx)
			}
			e.life(place)
			e.tx.Close()
			e.Renew()
		}
	})
}

// editedValue is a value that hooks edit.
type editedValue struct {
	*rapid.T
	bridge.Binding
	tx bridge.Tx
	vm *sandbox.VM
}

func (v *editedValue) life(place reflect.Value) {
	first := dump(place)
	for range rapid.IntRange(1, 4).Draw(v.T, "hooks") {
		e := &editor{T: v.T, root: modelOf(v.Go())}
		for range rapid.IntRange(0, 8).Draw(v.T, "edits") {
			e.edit()
		}
		if rapid.IntRange(0, 4).Draw(v.T, "fail") == 0 {
			failingHook(v.T, e, v)
		} else {
			committingHook(v.T, e, v)
		}
		v.tx.Rollback()
		checkShown(v.T, v)
	}
	if dump(place) != first {
		v.Fatalf("the first value was changed:\n%s", cmp.Diff(first, dump(place)))
	}
}

// load loads a script into the VM that works for the value's transaction.
func (v *editedValue) load(source string) loaded {
	if v.vm == nil {
		v.vm = load(v.T, "empty.lua", "").VM
		v.vm.Of(&v.tx)
	}
	prog, err := sandbox.Compile("hook.lua", source)
	if err != nil {
		v.Fatalf("%v\n%s", err, source)
	}
	script, err := v.vm.Load(context.Background(), &roomy, prog, nil)
	if err != nil {
		v.Fatalf("load: %v\n%s", err, source)
	}
	return loaded{v.vm, script}
}

func failingHook(rt *rapid.T, e *editor, r *editedValue) {
	before := r.Go()
	end := rapid.SampledFrom(endings).Draw(rt, "ending")
	e.do("%s", end.lua)
	script := r.load("function hook(result)\n" + e.lua.String() + "end")
	returned, err := script.call(rt, "hook", r.Value())
	if end.fails != "run" && err == nil {
		m := limited(unlimited, unlimited)
		if end.fails == "meter" {
			m = limited(0, unlimited)
		}
		_, err = r.Commit(returned, m)
	}
	if err == nil {
		rt.Fatalf("no error from\n%s", e.lua.String())
	}
	if !identical(before, r.Go()) {
		rt.Fatalf("a hook that failed with %v left\n%s", err, cmp.Diff(dump(before), dump(r.Go())))
	}
}

func committingHook(rt *rapid.T, e *editor, r *editedValue) {
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
	script := r.load(dumpLua + "function hook(result)\n" + body + "\nend\nfunction seen(result) return dump(result) end")
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
	changed, err := r.Commit(returned, nil)
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
func checkShown(rt *rapid.T, r *editedValue) {
	script := r.load(dumpLua)
	if got, want := script.mustCall(rt, "dump", r.Value()).Lua().String(), luaText(modelOf(r.Go())); got != want {
		rt.Fatalf("after Reset scripts see (-want +got):\n%s", cmp.Diff(want, got))
	}
	if changed, err := r.Commit(bridge.Value{}, nil); changed || err != nil {
		rt.Fatalf("after Reset: commit reports changed %v, error %v", changed, err)
	}
}

// root is a kind of value that edits begin with.
type root struct {
	typ  reflect.Type
	draw func(t *rapid.T) reflect.Value
}

var roots = []root{
	{reflect.TypeFor[any](), func(t *rapid.T) reflect.Value {
		return reflect.ValueOf(map[string]any{
			"a": drawFree(t, 3), "b": []any{drawFree(t, 2), json.Number("9007199254740993"), drawFree(t, 2)}, "c": drawFree(t, 3),
		})
	}},
	{reflect.TypeFor[any](), func(t *rapid.T) reflect.Value { return drawFields(t, &mDisk{}) }},
	{reflect.TypeFor[mShare](), func(t *rapid.T) reflect.Value { return drawFields(t, &mShare{secret: 1}).Elem() }},
	{reflect.TypeFor[*mShare](), func(t *rapid.T) reflect.Value { return drawFields(t, &mShare{secret: 1}) }},
	{reflect.TypeFor[mPool](), func(t *rapid.T) reflect.Value { return drawPool(t).Elem() }},
	{reflect.TypeFor[*mPool](), drawPool},
}

// drawPool makes a pool. An interface in it may lead to values that its type does not lead to.
func drawPool(t *rapid.T) reflect.Value {
	p := drawFields(t, &mPool{})
	if rapid.Bool().Draw(t, "graph") {
		p.Interface().(*mPool).Extra = drawModel(t, reflect.TypeFor[*mLoc](), 3).Interface()
	}
	return p
}

// drawFields sets the fields of the struct that a pointer leads to.
func drawFields(t *rapid.T, pointer any) reflect.Value {
	p := reflect.ValueOf(pointer)
	for i := range p.Elem().NumField() {
		if f := p.Elem().Field(i); f.CanSet() {
			f.Set(drawModel(t, f.Type(), 3))
		}
	}
	return p
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
