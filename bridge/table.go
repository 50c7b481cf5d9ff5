package bridge

import (
	lua "github.com/yuin/gopher-lua"
)

// Table is a Lua table as the functions of Lua's own library see it: a plain table, a view, or the table of a host
// object. To all of these functions, rawget and its like included, a view has the entries that its metatable shows. The
// table of a host object is empty to them.
type Table struct{ t *lua.LTable }

// Of returns a Lua table as a Table.
func Of(t *lua.LTable) Table { return Table{t} }

// IsView reports whether it is a view.
func (x Table) IsView() bool { return isView(x.t) }

// Next is Lua's next for plain tables and views: the key and value after key, or nil at the end. Records are walked in
// the order of their fields, maps in the order of their keys. A closed view or an unknown key raises an error.
func (x Table) Next(L *lua.LState, key lua.LValue) (lua.LValue, lua.LValue) {
	v := viewOf(x.t)
	if v == nil {
		return nextOf(x.t, key)
	}
	v.alive(L)
	b := account{L: L, tx: v.tx}
	k, value, ok := v.step(&b, key)
	b.must()
	if !ok {
		L.RaiseError("invalid key to 'next'")
	}
	return k, value
}

// TryNext is Next for code that runs in the place of an instruction, and so cannot raise an error: ok is false where
// Next may raise one.
func (x Table) TryNext(L *lua.LState, key lua.LValue) (k, value lua.LValue, ok bool) {
	v := viewOf(x.t)
	if v == nil {
		k, value = nextOf(x.t, key)
		return k, value, true
	}
	if v.closed() {
		return nil, nil, false
	}
	b := account{L: L, tx: v.tx}
	k, value, ok = v.step(&b, key)
	return k, value, b.tried(ok)
}

// nextOf is next for the entries of a table itself. The item of the key may have been taken out of the array, which
// ends before it now; then the next is the first entry that is not in the array. gopher-lua would go on behind that
// one.
func nextOf(t *lua.LTable, key lua.LValue) (lua.LValue, lua.LValue) {
	n, ok := key.(lua.LNumber)
	i := int(n)
	if !ok || i < 1 || i >= lua.MaxArrayIndex || lua.LNumber(i) != n || t.RawGetInt(i) != lua.LNil {
		return t.Next(key)
	}
	switch size := arraySize(t); {
	case i <= size:
		return t.Next(key)
	case size == 0:
		return t.Next(lua.LNil)
	default:
		return t.Next(lua.LNumber(size))
	}
}

// RawGet is Lua's rawget for plain tables and views.
func (x Table) RawGet(L *lua.LState, key lua.LValue) lua.LValue {
	if v := viewOf(x.t); v != nil {
		return v.read(L, key)
	}
	return x.t.RawGet(key)
}

// TryGet reads a key of a record or a map as a script does, for code that cannot raise an error: ok is false where
// reading may raise one.
func (x Table) TryGet(L *lua.LState, key lua.LValue) (value lua.LValue, ok bool) {
	v := viewOf(x.t)
	if v == nil || v.closed() {
		return nil, false
	}
	switch v.info.kind {
	case listKind:
		return nil, false
	case recordKind:
		if value = v.known(key); value != nil {
			return value, true
		}
	}
	b := account{L: L, tx: v.tx}
	value = v.get(&b, key)
	return value, b.tried(true)
}

// RawSet is Lua's rawset for plain tables and views; a view checks the value as any assignment does.
func (x Table) RawSet(L *lua.LState, key, value lua.LValue) {
	if v := viewOf(x.t); v != nil {
		v.set(L, key, value)
		return
	}
	refuseObject(L, x.t)
	L.RawSet(x.t, key, value)
}

// TrySet writes a key of a record or a map as a script does, for code that cannot raise an error: it returns false
// where writing may raise one. What it has done by then may be done again.
func (x Table) TrySet(L *lua.LState, key, value lua.LValue) bool {
	v := viewOf(x.t)
	if v == nil || v.info.kind == listKind || v.closed() {
		return false
	}
	b := account{L: L, tx: v.tx}
	err := v.put(&b, key, value)
	return b.tried(err == nil)
}

// Array returns the table to work on where a library function wants a list: a plain table itself, or that of a list
// view, with its items filled in. For a read-only list it is a copy, which may reach the script; for a view that is not
// a list it is an empty table. With write, a view that is not a list, a read-only view and a host object raise an
// error.
func (x Table) Array(L *lua.LState, write bool) *lua.LTable {
	v := viewOf(x.t)
	if v == nil {
		if write {
			refuseObject(L, x.t)
		}
		return x.t
	}
	v.alive(L)
	switch {
	case write && v.flags&readOnly != 0:
		raise(L, v.tx, typeErrorf(v.path(), "read only"))
	case write && v.info.kind != listKind:
		raise(L, v.tx, typeErrorf(v.path(), "want a list, got a table with named keys"))
	case v.info.kind != listKind:
		return makeTable(0, 0)
	case v.flags&readOnly != 0:
		return copyItems(L, v.array(L))
	}
	return v.array(L)
}

// HasItems reports whether the raw table holds all items that ipairs is to find in it, so that the first nil ends a
// walk. That does not hold for views of lists that are read only or that the current run has not touched, nor for views
// of a call that has ended; a walk that began in an earlier run may go on in one of these.
func (x Table) HasItems() bool {
	v := viewOf(x.t)
	return v == nil || !v.closed() && (v.info.kind != listKind || v.filled() && v.overlay.items == v.table())
}

func copyItems(L *lua.LState, items *lua.LTable) *lua.LTable {
	n, b := items.MaxN(), account{L: L}
	EscapeAll(L) // the table of the copy is no view, so nobody will tell where a script puts it
	b.take(n/bytesPerStep, n*slotBytes)
	b.must()
	t := makeTable(n, 0)
	for i := range n {
		t.Append(items.RawGetInt(i + 1))
	}
	return t
}

// CheckItem raises an error where a value does not fit into a list view; it is for the library's own writes. The
// message names the end of the list as the place.
func (x Table) CheckItem(L *lua.LState, value lua.LValue) {
	v := viewOf(x.t)
	if v == nil || v.info.kind != listKind {
		return
	}
	v.alive(L)
	b := account{L: L, tx: v.tx}
	_, err := v.fits(&b, v.info.elem, segment{index: trimmed(v.array(L)) + 1}, value)
	if err != nil {
		b.stop(err)
	}
	b.must()
}
