package bridge_test

import (
	"encoding/json"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/bridge"
)

// walkAll reads everything that a value shows, in every way there is, and writes back what it read.
const walkAll = `
function read(v)
  local n = 1
  if type(v) ~= "table" then return n end
  assert(v == v and tostring(v) and #v >= 0)
  for k, x in pairs(v) do
    assert(v[k] == x or x ~= x, k)
    assert(rawget(v, k) == x or x ~= x, k)
    n = n + read(x)
  end
  for i, x in ipairs(v) do assert(v[i] == x or x ~= x) end
  local k = next(v)
  while k ~= nil do k = next(v, k) end
  return n
end

function rewrite(v)
  if type(v) ~= "table" then return end
  for k, x in pairs(v) do
    v[k] = x
    rewrite(x)
  end
end
`

// everything has every kind of field.
type everything struct {
	Bool    bool
	Int     int
	I8      int8
	I64     int64
	U64     uint64
	F32     float32
	F64     float64
	String  string
	Named   state
	Bytes   []byte
	Token   token
	Octets  []octet
	Time    time.Time
	Addr    netip.Addr
	Level   level
	Shout   *shout
	Number  json.Number
	Raw     json.RawMessage
	Any     any
	Pointer *everything
	Deep    **int64
	Strings []string
	Ints    []int64
	Times   []time.Time
	Structs []location
	Ptrs    []*rule
	Anys    []any
	Lists   [][]int
	Array   [2]uint16
	Map     map[string]any
	Labels  map[label]string
	Records map[string]location
	PtrMap  map[string]*everything
	NumMap  map[string]*int64
	Inner   struct{ A, B *string }
	*Audit
	base
	Func func()
	Chan chan int
	Keys map[int]string
	x    int
	y    *int
}

// anyTypes are what values of type any hold in the property tests.
var anyTypes = []reflect.Type{
	reflect.TypeFor[map[string]any](), reflect.TypeFor[[]any](), reflect.TypeFor[int64](), reflect.TypeFor[json.Number](),
	reflect.TypeFor[string](), reflect.TypeFor[bool](), reflect.TypeFor[float64](), reflect.TypeFor[int32](), reflect.TypeFor[*rule](),
	reflect.TypeFor[location](), reflect.TypeFor[[]string](), reflect.TypeFor[time.Time](), reflect.TypeFor[state](),
	reflect.TypeFor[map[label]string](), reflect.TypeFor[uint64](), reflect.TypeFor[*int64](), reflect.TypeFor[level](),
	reflect.TypeFor[func()](), reflect.TypeFor[map[int]string](), reflect.TypeFor[[2]uint16](), reflect.TypeFor[**rule](),
}

// draw makes a value of any type.
func draw(t *rapid.T, typ reflect.Type, depth int) reflect.Value {
	v := reflect.New(typ).Elem()
	switch typ {
	case reflect.TypeFor[time.Time]():
		sec, zone := rapid.Int64Range(-1<<36, 1<<36).Draw(t, "sec"), rapid.IntRange(-12, 12).Draw(t, "zone")
		if zone != 12 {
			v.Set(reflect.ValueOf(time.Unix(sec, int64(zone)).In(time.FixedZone("", zone*3600))))
		}
		return v
	case reflect.TypeFor[netip.Addr]():
		v.Set(reflect.ValueOf(netip.AddrFrom4([4]byte{10, 0, 0, rapid.Byte().Draw(t, "addr")})))
		return v
	case reflect.TypeFor[json.Number]():
		v.SetString(rapid.SampledFrom([]string{"0", "1", "1.0", "1e3", "-5", "9007199254740993", "18446744073709551615", "1e400", "0.10"}).Draw(t, "number"))
		return v
	case reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte(rapid.SampledFrom([]string{"null", ` {"a": [1.0, {"b": null}]}`, "[]", "{}", "9007199254740993", `"x"`, "{"}).Draw(t, "raw")))
		return v
	case reflect.TypeFor[level]():
		v.SetUint(rapid.Uint64Range(0, 1).Draw(t, "level"))
		return v
	case reflect.TypeFor[shout]():
		v.Set(reflect.ValueOf(shout{rapid.StringMatching("[a-z]{0,3}").Draw(t, "shout")}))
		return v
	}
	drawKind(t, v, depth)
	return v
}

func drawKind(t *rapid.T, v reflect.Value, depth int) {
	typ := v.Type()
	switch typ.Kind() {
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, "uint"))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Copysign(0, -1)})).Draw(t, "float"))
	case reflect.String:
		v.SetString(rapid.String().Draw(t, "string"))
	case reflect.Struct:
		drawStruct(t, v, depth)
	case reflect.Pointer:
		if depth > 0 && rapid.IntRange(0, 4).Draw(t, "pointer") > 0 {
			v.Set(reflect.New(typ.Elem()))
			v.Elem().Set(draw(t, typ.Elem(), depth-1))
		}
	case reflect.Interface:
		if depth > 0 && rapid.IntRange(0, 9).Draw(t, "any") > 0 {
			v.Set(draw(t, rapid.SampledFrom(anyTypes).Draw(t, "type"), depth-1))
		}
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).Set(draw(t, typ.Elem(), depth))
		}
	case reflect.Slice:
		if n := rapid.SampledFrom([]int{2, 1, 3, 0, -1}).Draw(t, "len"); n >= 0 {
			v.Set(reflect.MakeSlice(typ, 0, 0))
			for ; n > 0 && depth > 0; n-- {
				v.Set(reflect.Append(v, draw(t, typ.Elem(), depth-1)))
			}
		}
	case reflect.Map:
		if n := rapid.SampledFrom([]int{2, 1, 3, 0, -1}).Draw(t, "len"); n >= 0 {
			v.Set(reflect.MakeMap(typ))
			for ; n > 0 && depth > 0; n-- {
				v.SetMapIndex(draw(t, typ.Key(), 0), draw(t, typ.Elem(), depth-1))
			}
		}
	case reflect.Func:
		v.Set(reflect.ValueOf(func() {}))
	case reflect.Chan:
		v.Set(reflect.MakeChan(typ, 0))
	}
}

func drawStruct(t *rapid.T, v reflect.Value, depth int) {
	for i := range v.NumField() {
		// Most fields of a large struct stay zero, so that values stay small.
		if v.Field(i).CanSet() && (v.NumField() < 10 || rapid.IntRange(0, 3).Draw(t, "set") == 0) {
			v.Field(i).Set(draw(t, v.Type().Field(i).Type, depth-1))
		}
	}
	switch s := v.Addr().Interface().(type) {
	case *everything:
		s.x, s.y, s.hits = 1, &s.x, 2
	case *location:
		s.secret = 3
	case *rule:
		s.seen = true
	}
}

// clone copies a value as deep as it can be reached by exported fields.
func clone(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if out.Field(i).CanSet() {
				out.Field(i).Set(clone(v.Field(i)))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			out.Index(i).Set(clone(v.Index(i)))
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(clone(v.Index(i)))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMap(v.Type()))
			for it := v.MapRange(); it.Next(); {
				out.SetMapIndex(it.Key(), clone(it.Value()))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(clone(v.Elem()))
		}
	case reflect.Interface:
		if !v.IsNil() {
			out.Set(clone(v.Elem()))
		}
	}
	return out
}

func TestAnyValueComesBackAsItWas(t *testing.T) {
	script := load(t, "walk.lua", walkAll)
	types := append([]reflect.Type{reflect.TypeFor[everything](), reflect.TypeFor[any](), reflect.TypeFor[share](), reflect.TypeFor[embedding](),
		reflect.TypeFor[times](), reflect.TypeFor[tree](), reflect.TypeFor[forest]()}, anyTypes...)
	rapid.Check(t, func(rt *rapid.T) {
		typ := rapid.SampledFrom(types).Draw(rt, "root")
		value := draw(rt, typ, 6)
		want := clone(value)
		for _, function := range []string{"read", "rewrite"} {
			for _, writable := range []bool{true, false} {
				if !writable && function == "rewrite" {
					continue
				}
				var s bridge.Tx
				var r bridge.Binding
				r.Bind(&s, "result", value, writable)
				script.mustCall(rt, function, r.Value())
				changed, err := r.Commit(bridge.Value{}, nil)
				if err != nil || changed && writable && function == "read" {
					rt.Fatalf("%s %s: changed %v, error %v", function, typ, changed, err)
				}
				if !identical(r.Go(), value) {
					rt.Fatalf("%s %s: another value came back:\n%s", function, typ, cmp.Diff(dump(value), dump(r.Go())))
				}
				s.Rollback()
				if again := r.Go(); !identical(again, value) {
					rt.Fatalf("%s %s: Reset changed the value", function, typ)
				}
				s.Close()
			}
		}
		if !equalButFuncs(want, value) {
			rt.Fatalf("%s: the value behind the view was changed:\n%s", typ, cmp.Diff(dump(want), dump(value)))
		}
	})
}

// equalButFuncs compares a value with its clone, whose unexported pointers are shared.
func equalButFuncs(a, b reflect.Value) bool { return dump(a) == dump(b) }

func TestFreeAndPlainAgreeWithTheWalk(t *testing.T) {
	script := load(t, "walk.lua", walkAll+`
		function same(a, b)
			if type(a) ~= "table" or type(b) ~= "table" then return a == b or (a ~= a and b ~= b) end
			for k, v in pairs(a) do if not same(v, b[k]) then return false end end
			for k in pairs(b) do if a[k] == nil then return false end end
			return true
		end
		function compare(view, plain) assert(same(view, plain)) end`)
	rapid.Check(t, func(rt *rapid.T) {
		value := draw(rt, reflect.TypeFor[everything](), 5)
		var s bridge.Tx
		var r bridge.Binding
		r.Bind(&s, "result", value, false)
		script.mustCall(rt, "compare", r.Value(), bridge.ToLua(value.Interface()))
		if _, err := r.Value().ToGo("value", nil); err != nil {
			rt.Fatal(err)
		}
	})
}

func TestDrawMakesDeepValues(t *testing.T) {
	// A generator that made only small values would prove little.
	gen := rapid.Custom(func(t *rapid.T) string { return dump(draw(t, reflect.TypeFor[everything](), 6)) })
	deep := 0
	for seed := range 200 {
		if strings.Count(gen.Example(seed), "\n") > 200 {
			deep++
		}
	}
	if deep < 20 {
		t.Errorf("got %d large values of 200, want 20 or more", deep)
	}
}
