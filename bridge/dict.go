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
		// A nil would remove the key, so a value that reads as nil is kept as a null (see hideNull).
		value = nullForNil(v.zero(v.info.elem, 0, name))
	}
	e := v.mark()
	if e.puts == nil {
		e.puts = make(map[string]lua.LValue)
	}
	e.puts[name] = value
	e.taken = e.taken || value == lua.LNil
	if _, known := slices.BinarySearch(e.order, name); !known {
		e.order = nil
	}
	return nil
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
