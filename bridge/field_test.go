package bridge_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/bridge"
)

// scalars has a field of every kind that is read in place, some of them in embedded structs.
type scalars struct {
	Bool   bool
	Int    int
	Int8   int8
	Int16  int16
	Int32  int32
	Int64  int64
	Uint   uint
	Uint8  uint8
	Uint16 uint16
	Uint32 uint32
	Uint64 uint64
	inner
	Float32 float32
	Float64 float64
	*Outer
	Named word
	Text  string
}

type inner struct {
	Odd    bool
	Number json.Number
	Short  int16
}

type Outer struct {
	Far  string
	Near int32
}

type word string

// TestAFieldInPlaceReadsAsItDoesElsewhere reads the same struct where its fields are in place, and where it is held by
// an interface, so that reflection has to get them.
func TestAFieldInPlaceReadsAsItDoesElsewhere(t *testing.T) {
	L := lua.NewState()
	defer L.Close()
	rapid.Check(t, func(t *rapid.T) {
		v := scalars{
			Bool: rapid.Bool().Draw(t, "bool"), Int: rapid.Int().Draw(t, "int"), Int8: rapid.Int8().Draw(t, "int8"),
			Int16: rapid.Int16().Draw(t, "int16"), Int32: rapid.Int32().Draw(t, "int32"), Int64: rapid.Int64().Draw(t, "int64"),
			Uint: rapid.Uint().Draw(t, "uint"), Uint8: rapid.Uint8().Draw(t, "uint8"), Uint16: rapid.Uint16().Draw(t, "uint16"),
			Uint32: rapid.Uint32().Draw(t, "uint32"), Uint64: rapid.Uint64().Draw(t, "uint64"),
			inner:   inner{rapid.Bool().Draw(t, "odd"), json.Number(fmt.Sprint(rapid.Int64().Draw(t, "number"))), rapid.Int16().Draw(t, "short")},
			Float32: rapid.Float32().Draw(t, "float32"), Float64: rapid.Float64().Draw(t, "float64"),
			Named: word(rapid.String().Draw(t, "named")), Text: rapid.String().Draw(t, "text"),
		}
		if rapid.Bool().Draw(t, "outer") {
			v.Outer = &Outer{rapid.String().Draw(t, "far"), rapid.Int32().Draw(t, "near")}
		}
		there, elsewhere := table(reflect.ValueOf(&v).Elem()), table(reflect.ValueOf(v))
		keys := 0
		for key, want := elsewhere.Next(L, lua.LNil); key != lua.LNil; key, want = elsewhere.Next(L, key) {
			got := there.RawGet(L, key)
			if n, ok := want.(lua.LNumber); ok && math.IsNaN(float64(n)) {
				want, got = lua.LString("NaN"), lua.LString(got.String())
			}
			if got != want {
				t.Errorf("%v: got %v in place, want %v", key, got, want)
			}
			keys++
		}
		if want := map[bool]int{false: 18, true: 20}[v.Outer != nil]; keys != want {
			t.Errorf("got %d fields, want %d", keys, want)
		}
	})
}

// table is the view of a record.
func table(val reflect.Value) bridge.Table {
	var r bridge.Binding
	r.Bind(&bridge.Tx{}, "value", val, true)
	return bridge.Of(r.Value().Lua().(*lua.LTable))
}

// TestFieldsAreFoundByTheirNames has names that differ in one letter, at any place, and in their lengths.
func TestFieldsAreFoundByTheirNames(t *testing.T) {
	L := lua.NewState()
	defer L.Close()
	var fields []reflect.StructField
	add := func(name string) {
		tag := reflect.StructTag(fmt.Sprintf(`lua:"%s"`, name))
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", len(fields)), Type: reflect.TypeFor[int](), Tag: tag})
	}
	for i := range 300 {
		add(fmt.Sprintf("field_%03d_of_this", i))
		add(fmt.Sprintf("the_beginning_of_a_longer_name_%03d_and_its_end", i))
	}
	for n := range 40 {
		add(fmt.Sprintf("%0*d", n+1, 7))
	}
	record := reflect.New(reflect.StructOf(fields)).Elem()
	for i := range fields {
		record.Field(i).SetInt(int64(i))
	}
	view := table(record)
	for i, f := range fields {
		name := f.Tag.Get("lua")
		if got := view.RawGet(L, lua.LString(name)); got != lua.LNumber(i) {
			t.Errorf("%s: got %v, want %d", name, got, i)
		}
		if got := view.RawGet(L, lua.LString(name+" ")); got != lua.LNil {
			t.Errorf("%q: got %v, want nil", name+" ", got)
		}
	}
	if got := view.RawGet(L, lua.LString("")); got != lua.LNil {
		t.Errorf("no name: got %v, want nil", got)
	}
}
