package bridge

import (
	"math/bits"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/number"
)

// Next is Lua's next for plain tables and views: the key and value after key, or nil at the end. Records are walked in
// the order of their fields, maps in the order of their keys. A closed view or an unknown key raises an error.
func Next(L *lua.LState, t *lua.LTable, key lua.LValue) (lua.LValue, lua.LValue) {
	v := viewOf(t)
	if v == nil {
		return t.Next(key)
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

// step is next for a script.
func (v *view) step(b *account, key lua.LValue) (lua.LValue, lua.LValue, bool) {
	b.long(key)
	k, value, ok := v.next(b, key)
	b.long(k)
	b.long(value)
	return k, value, ok
}

// RawGet is Lua's rawget for plain tables and views.
func RawGet(L *lua.LState, t *lua.LTable, key lua.LValue) lua.LValue {
	if v := viewOf(t); v != nil {
		return v.read(L, key)
	}
	return t.RawGet(key)
}

// RawSet is Lua's rawset for plain tables and views; a view checks the value as any assignment does.
func RawSet(L *lua.LState, t *lua.LTable, key, value lua.LValue) {
	if v := viewOf(t); v != nil {
		v.set(L, key, value)
		return
	}
	if !bare(t) {
		refuseObject(L, t)
	}
	L.RawSet(t, key, value)
}

// Array returns the table to work on where the library wants a list: a plain table itself, or a list view with its items
// filled in. Of a read-only view it is a copy, which may reach the script. A view that is no list has no items: to be written,
// it raises an error, and so does a read-only one. So does the table of a host object.
func Array(L *lua.LState, t *lua.LTable, write bool) *lua.LTable {
	if bare(t) {
		return t
	}
	return arrayOf(L, t, write)
}

// bare reports whether a table has no metatable, so that it is neither a view nor a host object.
func bare(t *lua.LTable) bool {
	_, none := t.Metatable.(*lua.LNilType)
	return none
}

// arrayOf is Array for a table with a metatable.
func arrayOf(L *lua.LState, t *lua.LTable, write bool) *lua.LTable {
	v := viewOf(t)
	if v == nil {
		if write {
			refuseObject(L, t)
		}
		return t
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

// HasItems reports whether a table itself has the items that it has for scripts, as all but some views do: those of lists which the run
// has not touched, or which it may not touch any more. A walk goes on in them that began in an earlier run.
func HasItems(t *lua.LTable) bool {
	v := viewOf(t)
	return v == nil || !v.closed() && v.info.kind != listKind || !v.closed() && v.filled() && v.overlay.items == &v.LTable
}

func copyItems(L *lua.LState, items *lua.LTable) *lua.LTable {
	n, b := items.MaxN(), account{L: L}
	b.take(n/bytesPerStep, n*slotBytes)
	b.must()
	t := makeTable(n, 0)
	for i := range n {
		t.Append(items.RawGetInt(i + 1))
	}
	return t
}

// CheckItem raises an error where a value does not fit into a list view; it is for the library's own writes. Its place in the
// message is the end of the list.
func CheckItem(L *lua.LState, t *lua.LTable, value lua.LValue) {
	if !bare(t) {
		checkItem(L, t, value)
	}
}

// checkItem is CheckItem for a table with a metatable.
func checkItem(L *lua.LState, t *lua.LTable, value lua.LValue) {
	v := viewOf(t)
	if v == nil || v.info.kind != listKind {
		return
	}
	v.alive(L)
	b := account{L: L, tx: v.tx}
	_, err := v.fits(&b, v.info.elem, segment{index: v.array(L).MaxN() + 1}, value)
	if err != nil {
		b.stop(err)
	}
	b.must()
}

// IsView reports whether a Lua value is a view.
func IsView(lv lua.LValue) bool { return viewOf(lv) != nil }

// next finds the entry after key; false when the key is none of the view's.
func (v *view) next(b *account, key lua.LValue) (lua.LValue, lua.LValue, bool) {
	if v.info.kind == listKind {
		return v.nextListItem(b, key)
	}
	name, ok := key.(lua.LString)
	if !ok && key != lua.LNil {
		return nil, nil, false
	}
	if v.info.kind == recordKind {
		return v.nextField(b, string(name), key == lua.LNil)
	}
	return v.nextItem(b, string(name), key == lua.LNil)
}

func (v *view) nextListItem(b *account, key lua.LValue) (lua.LValue, lua.LValue, bool) {
	t := v.fillOnce(b)
	if t == nil {
		return lua.LNil, lua.LNil, true
	}
	from, more := key.(lua.LNumber)
	if i := int(from); key == lua.LNil || more && i > 0 && i < number.Small && lua.LNumber(i) == from {
		if value := t.RawGetInt(i + 1); value != nil && value != lua.LNil {
			return number.Of(int64(i) + 1), value, true
		}
	}
	k, value := t.Next(key)
	to, ok := k.(lua.LNumber)
	if !ok {
		to = lua.LNumber(arraySize(t))
	}
	b.take(max(int(to-from), 0)/bytesPerStep, 0) // what was set to nil lies between
	return k, value, true
}

func (v *view) nextField(b *account, name string, first bool) (lua.LValue, lua.LValue, bool) {
	i, fields := 0, v.info.fields
	if !first {
		if i = int(v.at); i >= len(fields) || fields[i].name != name {
			at, ok := v.info.byName[name]
			if !ok {
				return nil, nil, false
			}
			i = at
		}
		i++
	}
	for ; i < len(fields); i++ {
		if lv := v.field(b, i); lv != lua.LNil {
			v.at = uint16(i)
			return fields[i].key, lv, true
		}
	}
	return lua.LNil, lua.LNil, true
}

func (v *view) nextItem(b *account, name string, first bool) (lua.LValue, lua.LValue, bool) {
	if v.val.Len() == 0 && (v.overlay == nil || len(v.overlay.puts) == 0) {
		return lua.LNil, lua.LNil, first
	}
	e := v.edited()
	if e.order == nil {
		if e.order = v.keys(b); e.order == nil {
			return lua.LNil, lua.LNil, true
		}
	}
	i := 0
	if !first {
		if i = int(v.at); i >= len(e.order) || e.order[i] != name {
			at, ok := slices.BinarySearch(e.order, name)
			if !ok {
				return nil, nil, false
			}
			i = at
		}
		i++
	}
	for ; i < len(e.order) && b.take(1, 0); i++ {
		if lv := v.item(b, e.order[i]); lv != lua.LNil {
			v.at = uint16(i)
			return lua.LString(e.order[i]), lv, true
		}
	}
	if e.taken && !first {
		v.emptied(b)
	}
	return lua.LNil, lua.LNil, true
}

// emptied is told of a walk that came to the end of a map from which a script removed keys. When all that the walk gave are gone
// the script has emptied the map: keys whose value is null, which no walk gives, go with the others.
func (v *view) emptied(b *account) {
	e := v.overlay
	for _, name := range e.order {
		if !b.take(1, 0) || v.item(b, name) != lua.LNil {
			return
		}
	}
	for _, name := range e.order {
		if _, written := e.puts[name]; !written {
			e.puts[name] = lua.LNil
		}
	}
}

// keys returns the keys of a dict, sorted; nil where that is too much for the account.
func (v *view) keys(b *account) []string {
	n := v.val.Len() + len(v.overlay.puts)
	if !b.take(0, n*slotBytes) {
		return nil
	}
	keys := make([]string, 0, n)
	keys = v.appendKeys(b, keys)
	for k := range v.overlay.puts {
		keys = append(keys, k)
	}
	if !b.sort(keys) {
		return nil
	}
	return slices.Compact(keys)
}

// appendKeys appends the keys of the committed value of a dict, as far as the account allows.
func (v *view) appendKeys(b *account, keys []string) []string {
	if v.info != freeMap {
		for it := v.val.MapRange(); it.Next() && b.take(1, 0); {
			key, bad := v.info.keyText(b, it.Key())
			if bad != nil {
				bad.Path = v.path()
				b.stop(bad)
				break
			}
			keys = append(keys, key)
		}
		return keys
	}
	for k := range v.val.Interface().(map[string]any) {
		if keys = append(keys, k); !b.take(1, 0) {
			break
		}
	}
	return keys
}

// sort sorts keys. It is false where that is too much for the account.
func (b *account) sort(keys []string) bool {
	if !b.take(len(keys)*bits.Len(uint(len(keys)))/4, 0) {
		return false
	}
	slices.SortFunc(keys, b.compare)
	return b == nil || b.err == nil
}

// each calls f with every entry of a plain table or a view, until f fails.
func each(b *account, t *lua.LTable, f func(key, value lua.LValue) *TypeError) *TypeError {
	next := t.Next
	if v := viewOf(t); v != nil {
		next = func(key lua.LValue) (lua.LValue, lua.LValue) {
			k, value, _ := v.next(b, key)
			return k, value
		}
	}
	for k, value := next(lua.LNil); k != lua.LNil; k, value = next(k) {
		if err := f(k, value); err != nil {
			return err
		}
	}
	return b.charge(0, 0) // next ends early where it is too much for the account
}
