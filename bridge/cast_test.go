package bridge

import (
	"reflect"
	"testing"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// TestViewCastIsChecked covers the one unsafe step: from a Lua table to the view that it is part of. Run it with
// -gcflags=all=-d=checkptr, which -race implies.
func TestViewCastIsChecked(t *testing.T) {
	if at := unsafe.Offsetof(view{}.LTable); at != 0 {
		t.Fatalf("the table is at byte %d of a view, want 0", at)
	}
	type rec struct {
		Name  string
		Items []struct{ A int }
		Map   map[string]struct{ A int }
	}
	var s Tx
	var r Binding
	val := reflect.ValueOf(rec{Items: make([]struct{ A int }, 3), Map: map[string]struct{ A int }{"a": {}}})
	r.Bind(&s, "result", val, true)
	L := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer L.Close()
	root := viewOf(r.Value().Lua())
	items := viewOf(root.read(L, lua.LString("Items")))
	views := []*view{root, items, viewOf(items.read(L, lua.LNumber(2))), viewOf(root.read(L, lua.LString("Map"))),
		viewOf(viewOf(root.read(L, lua.LString("Map"))).read(L, lua.LString("a")))}
	for i, v := range views {
		if v == nil || viewOf(v.table()) != v || v.tx != &s || v.info == nil {
			t.Errorf("view %d: got %+v", i, v)
		}
	}
	hidden := views[1]
	hidden.read(L, lua.LNumber(1))
	s.Rollback()
	if hidden.overlay.items == nil || hidden.overlay.items == hidden.table() {
		t.Fatal("the items are not put aside")
	}
	object, err := NewObject(L, "object", &s, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	copied := makeTable(0, 3)
	metaValue.(*lua.LTable).ForEach(copied.RawSet)
	alike := makeTable(0, 0)
	alike.Metatable = copied
	for i, lv := range []lua.LValue{nil, lua.LNil, Null, lua.LString("Items"), makeTable(0, 0), alike, copied, metaValue, &lua.LTable{},
		ToLua(val.Interface()).Lua(), object.Lua(), hidden.overlay.items} {
		if v := viewOf(lv); v != nil {
			t.Errorf("value %d, %v: taken for a view", i, lv)
		}
	}
	s.Close()
	for i, v := range views {
		if viewOf(v.table()) != v {
			t.Errorf("view %d: lost when its scope was closed", i)
		}
	}
}
