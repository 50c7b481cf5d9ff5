package bridge

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// index is __index: it reads one key of a view.
func index(L *lua.LState) int {
	v := viewOf(L.Get(1))
	L.Push(v.read(L, L.Get(2)))
	return 1
}

// newIndex is __newindex: it checks one value against the Go type at its place and writes it.
func newIndex(L *lua.LState) int {
	v := viewOf(L.Get(1))
	v.set(L, L.Get(2), L.Get(3))
	return 0
}

// length is __len.
func length(L *lua.LState) int {
	v := viewOf(L.Get(1))
	v.alive(L)
	n := 0
	if v.info.kind == listKind {
		n = v.array(L).Len()
	}
	L.Push(lua.LNumber(n))
	return 1
}

func (v *view) alive(L *lua.LState) {
	if v.closed() {
		L.RaiseError("%s", errClosed.Error())
	}
}

// read reads a key for a script.
func (v *view) read(L *lua.LState, key lua.LValue) lua.LValue {
	v.alive(L)
	b := account{L: L, tx: v.tx}
	lv := v.fetch(&b, key)
	b.must()
	return lv
}

// fetch is get on behalf of a script: long strings are counted.
func (v *view) fetch(b *account, key lua.LValue) lua.LValue {
	b.long(key)
	lv := v.get(b, key)
	b.long(lv)
	return lv
}

func (v *view) get(b *account, key lua.LValue) lua.LValue {
	if v.info.kind == listKind {
		if t := v.fillOnce(b); t != nil {
			return itemAt(t, key)
		}
		return lua.LNil
	}
	if v.info.kind == dictKind {
		if name, ok := v.info.keyName(key); ok {
			return v.item(b, name)
		}
		return lua.LNil
	}
	name, ok := key.(lua.LString)
	if !ok {
		return lua.LNil
	}
	if i, ok := v.info.byName[string(name)]; ok {
		return v.field(b, i)
	}
	return lua.LNil
}

// array is fillOnce on behalf of a script: it raises an error where that fails.
func (v *view) array(L *lua.LState) *lua.LTable {
	if v.filled() {
		return v.overlay.items
	}
	b := account{L: L, tx: v.tx}
	t := v.fillOnce(&b)
	b.must()
	return t
}

// itemAt reads an item of a list. RawGet looks for indexes above lua.MaxArrayIndex in the hash part, where a list has none.
func itemAt(t *lua.LTable, key lua.LValue) lua.LValue {
	if n, ok := key.(lua.LNumber); ok && n == lua.LNumber(int(n)) {
		return t.RawGetInt(int(n))
	}
	return t.RawGet(key)
}

// field reads a field of a record.
func (v *view) field(b *account, i int) lua.LValue {
	f := &v.info.fields[i]
	if !f.info.kind.layered() {
		val := fieldAt(v.now(), f.index)
		if f.info.kind == bytesKind && val.IsValid() && !b.take(0, val.Len()) {
			return lua.LNil
		}
		lv := f.info.scalar(b, v.tx, val)
		b.blame(v, f.key)
		return lv
	}
	if e := v.overlay; e != nil {
		if e.sets != nil && e.sets[f.layer] != nil {
			return e.sets[f.layer]
		}
		if e.kids != nil && e.kids[f.layer] != nil {
			return e.kids[f.layer].table()
		}
	}
	lv, c := v.child(b, f.info, fieldAt(v.val, f.index), i)
	b.blame(v, f.key)
	if c != nil {
		e := v.edited()
		if e.kids == nil {
			e.kids = e.roomForKids(len(v.info.layers))
			v.grown()
		}
		e.kids[f.layer] = c
	}
	return lv
}

// layered reports whether writes to a field of this kind are kept as Lua values until the commit. Writes to other
// fields are converted at once.
func (k kind) layered() bool { return k >= rawKind }

// fieldAt is reflect.Value.FieldByIndex, except that it returns the invalid Value behind a nil embedded pointer.
func fieldAt(v reflect.Value, index []int) reflect.Value {
	if len(index) == 1 {
		return v.Field(index[0])
	}
	f, err := v.FieldByIndexErr(index)
	if err != nil {
		return reflect.Value{}
	}
	return f
}

// item reads a key of a dict.
func (v *view) item(b *account, key string) lua.LValue {
	if e := v.overlay; e != nil {
		if lv, ok := e.puts[key]; ok {
			return hideNull(lv)
		}
		if c, ok := e.named[key]; ok {
			return c.table()
		}
	}
	p, val := v.entry(b, key)
	lv, c := v.child(b, p, val, 0)
	b.blame(v, lua.LString(key))
	if c != nil {
		v.remember(c, key)
	}
	return lv
}

// remember keeps the view of an item.
func (v *view) remember(c *view, key string) {
	if c.name == nil && c.up == v {
		c.name = &key
	}
	e := v.edited()
	if v.grown(); e.named == nil {
		e.named = make(map[string]*view)
	}
	e.named[key] = c
}

// entry returns the type info and the committed value of a dict at a key. The value is invalid where there is no such
// key, and for a nil in free-form data.
func (v *view) entry(b *account, key string) (*typeInfo, reflect.Value) {
	if v.info != freeMap {
		return v.info.elem, v.committed(b, key)
	}
	val := reflect.ValueOf(v.val.Interface().(map[string]any)[key])
	if !val.IsValid() {
		return v.info.elem, val
	}
	return typeInfoOf(val.Type()), val
}

// hideNull turns a null that a script put into a map into the nil that scripts read there.
func hideNull(lv lua.LValue) lua.LValue {
	if lv == Null {
		return lua.LNil
	}
	return lv
}
