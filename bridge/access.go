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
	lv := v.get(&b, key)
	b.must()
	return lv
}

// get reads a key of a view. Long strings are counted, as they are by put.
func (v *view) get(b *account, key lua.LValue) lua.LValue {
	b.long(key)
	lv := lua.LValue(lua.LNil)
	switch v.info.kind {
	case listKind:
		if t := v.fillOnce(b); t != nil {
			lv = itemAt(t, key)
		}
	case dictKind:
		if name, ok := v.info.keyName(key); ok {
			lv = v.item(b, name)
		}
	default:
		if name, ok := key.(lua.LString); ok {
			if i, ok := v.info.byName[string(name)]; ok {
				lv = v.field(b, i)
			}
		}
	}
	b.long(lv)
	return lv
}

func (v *view) set(L *lua.LState, key, value lua.LValue) {
	v.alive(L)
	b := account{L: L, tx: v.tx}
	if err := v.put(&b, key, value); err != nil {
		b.stop(err)
	}
	b.must()
}

// raise stops the script with a type error, and notes it, so that the failure can be told from others.
func raise(L *lua.LState, s *Tx, err *TypeError) {
	s.raised = err
	L.RaiseError("%s", err.Error())
}

// put writes one key of a view once it has checked that the value fits there. Writing the value that is committed there
// takes back an earlier write, so that the Go value keeps all its digits, and a pointer stays the same pointer. Long
// strings are counted, since a single instruction may compare them with others.
func (v *view) put(b *account, key, value lua.LValue) *TypeError {
	b.long(key)
	b.long(value)
	if v.flags&readOnly != 0 {
		return typeErrorf(joinKey(v.path(), key), "read only")
	}
	switch v.info.kind {
	case recordKind:
		return v.putField(b, key, value)
	case dictKind:
		return v.putItem(b, key, value)
	}
	return v.putListItem(b, key, value)
}

// zero returns what the zero value at a place reads as. For a map, list or struct that is an empty table, as it will be
// once it is committed.
func (v *view) zero(p *typeInfo, slot int, name string) lua.LValue {
	val := reflect.Zero(p.typ)
	if !p.kind.composite() {
		lv, _ := v.child(nil, p, val, slot)
		return lv
	}
	c := new(placed).init()
	v.initChild(c, p, val, slot, false)
	c.name = &name
	return c.table()
}

// fits converts a value for a place below a view. It looks only at the beginning of a large table, since an assignment
// must not take long; the commit checks the whole, as it must anyway, because the script may go on changing the table.
func (v *view) fits(b *account, p *typeInfo, s segment, value lua.LValue) (reflect.Value, *TypeError) {
	c := converter{account: *b, root: v, seg: []segment{s}, checks: true}
	val, err := c.value(p, value)
	*b = c.account
	if err == errEnough {
		err = nil
	}
	return val, err
}
