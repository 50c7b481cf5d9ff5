package bridge

import (
	"reflect"
	"slices"

	lua "github.com/yuin/gopher-lua"
)

// item reads a key of a dict.
func (v *view) item(b *account, key string) lua.LValue {
	if e := v.overlay; e != nil {
		if lv, ok := e.puts[key]; ok {
			if lv == Null {
				return lua.LNil // scripts read the null of a map as a nil
			}
			return lv
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

// committed returns the committed value of a dict at a key; it is invalid where there is none.
func (v *view) committed(b *account, name string) reflect.Value {
	k, bad := v.goKey(b, name)
	if bad != nil {
		return reflect.Value{}
	}
	return v.val.MapIndex(k)
}

// goKey returns the key of a dict that a string stands for: the one in the map if there is one, else a new one.
func (v *view) goKey(b *account, name string) (reflect.Value, *TypeError) {
	if v.info.keys != textualKeys {
		return v.info.newKey(b, name)
	}
	e := v.edited()
	if e.inMap == nil {
		keys := make(map[string]reflect.Value, v.val.Len())
		for it := v.val.MapRange(); it.Next(); {
			if !b.take(4, entryBytes(valueBytes)+v.info.keyBytes()) {
				return reflect.Value{}, errStopped
			}
			if text, bad := v.info.keyText(b, it.Key()); bad == nil {
				keys[text] = it.Key()
			}
		}
		e.inMap = keys
		v.grown()
	}
	if k, ok := e.inMap[name]; ok {
		return k, nil
	}
	if !b.take(stepsPerByte*len(name), 0) {
		return reflect.Value{}, errStopped
	}
	return v.info.newKey(b, name)
}

func (v *view) putItem(b *account, key, value lua.LValue) *TypeError {
	name, ok := v.info.keyName(key)
	if !ok {
		return typeErrorf(v.path(), "want string keys, got a %s key", Wrap(key).TypeName())
	}
	if v.info.keys != stringKeys {
		if _, bad := v.goKey(b, name); bad != nil {
			if bad.Path == "" && bad != errStopped {
				bad.Path = joinKey(v.path(), lua.LString(name))
			}
			return bad
		}
	}
	if v.showsItem(b, name, value) {
		if v.overlay != nil {
			delete(v.overlay.puts, name)
		}
		return nil
	}
	if value != lua.LNil {
		if _, err := v.fits(b, v.info.elem, segment{name: name}, value); err != nil {
			return err
		}
	}
	if value == Null {
		// A nil would remove the key, so a value that reads as nil is kept as a null.
		value = nullForNil(v.zero(v.info.elem, 0, name))
	}
	e := v.mark()
	if e.puts == nil {
		e.puts = make(map[string]lua.LValue)
	}
	if _, put := e.puts[name]; !put && e.order != nil {
		e.orderLater(name)
	}
	e.put(name, value)
	if value == lua.LNil {
		v.flags |= taken
	}
	return nil
}

func (e *overlay) put(name string, value lua.LValue) {
	e.puts[name] = value
	e.most = max(e.most, int32(len(e.puts)))
}

// orderLater notes a key that was put after a walk, and needs a place in the order before the next one.
func (e *overlay) orderLater(name string) {
	if _, known := slices.BinarySearch(e.order[:e.sorted], name); known {
		return
	}
	if e.order = append(e.order, name); len(e.order) > 2*int(e.sorted) { // sorting all of them takes no longer
		e.order = nil
	}
}

// merge gives the keys that were put since the last walk their places in the order. It returns false where that is too
// much for the account.
func (e *overlay) merge(b *account) bool {
	i := int(e.sorted)
	added := slices.Clone(e.order[i:])
	if !b.sort(added) {
		return false
	}
	added = slices.Compact(added)
	j := len(added)
	first, _ := slices.BinarySearch(e.order[:i], added[0])
	if !b.take((i-first)/bytesPerStep, j*slotBytes) {
		return false
	}
	e.order = e.order[:i+j]
	for at := i + j - 1; j > 0; at-- {
		if i > 0 && e.order[i-1] > added[j-1] {
			i--
			e.order[at] = e.order[i]
		} else {
			j--
			e.order[at] = added[j]
		}
	}
	e.sorted = int32(len(e.order))
	return true
}

// showsItem reports whether a value is what the committed map reads as at a key. For a nil it reports whether the map
// lacks the key.
func (v *view) showsItem(b *account, name string, value lua.LValue) bool {
	cur := v.committed(b, name)
	if !cur.IsValid() || value == lua.LNil {
		return !cur.IsValid() && value == lua.LNil
	}
	if v.overlay != nil && v.overlay.named[name] != nil {
		return value == lua.LValue(v.overlay.named[name].table())
	}
	return v.info.elem.same(b, v.tx, cur, value)
}

func (v *view) nextItem(b *account, name string, first bool) (lua.LValue, lua.LValue, bool) {
	if first && v.val.Len() == 0 && (v.overlay == nil || len(v.overlay.puts) == 0) {
		return lua.LNil, lua.LNil, true
	}
	e := v.edited()
	if e.order == nil {
		if e.order = v.keys(b); e.order == nil {
			return lua.LNil, lua.LNil, true
		}
		e.sorted = int32(len(e.order))
		v.grown()
	} else if int(e.sorted) < len(e.order) && !e.merge(b) {
		return lua.LNil, lua.LNil, true
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
	if v.flags&taken != 0 && !first {
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
			e.put(name, lua.LNil)
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
