package bridge

import (
	"math/bits"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/number"
)

// step is next on behalf of a script: long strings are counted.
func (v *view) step(b *account, key lua.LValue) (lua.LValue, lua.LValue, bool) {
	b.long(key)
	k, value, ok := v.next(b, key)
	b.long(k)
	b.long(value)
	return k, value, ok
}

// next finds the entry after key. It returns false when the view has no such key.
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
	b.take(max(int(to-from), 0)/bytesPerStep, 0) // items that were set to nil lie between
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

// emptied is called when a walk has come to the end of a map from which a script removed keys. If all the keys that the
// walk gave are gone, the script has emptied the map: keys whose value is null, which no walk gives, go with the
// others.
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

// sort sorts keys. It returns false where that is too much for the account.
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
