package bridge

import (
	"reflect"
	"slices"

	lua "github.com/yuin/gopher-lua"
)

func (v *view) set(L *lua.LState, key, value lua.LValue) {
	v.alive(L)
	b := account{L: L, tx: v.tx}
	if err := v.store(&b, key, value); err != nil {
		b.stop(err)
	}
	b.must()
}

// store is put on behalf of a script: long strings are counted.
func (v *view) store(b *account, key, value lua.LValue) *TypeError {
	b.long(key)
	b.long(value)
	return v.put(b, key, value)
}

// raise stops the script with a type error, and notes it, so that the failure can be told from others.
func raise(L *lua.LState, s *Tx, err *TypeError) {
	s.raised = err
	L.RaiseError("%s", err.Error())
}

// put writes one key of a view once it has checked that the value fits there. Writing the value that is committed there
// takes back an earlier write, so that the Go value keeps all its digits, and a pointer stays the same pointer.
func (v *view) put(b *account, key, value lua.LValue) *TypeError {
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

func (v *view) putField(b *account, key, value lua.LValue) *TypeError {
	name, ok := key.(lua.LString)
	if !ok {
		return typeErrorf(joinKey(v.path(), key), "no such field: want a name, got %s", Wrap(key).TypeName())
	}
	i, ok := v.info.byName[string(name)]
	if !ok {
		return typeErrorf(joinKey(v.path(), key), "no such field%s", hint(string(name), v.info.names()))
	}
	if value == Null {
		value = lua.LNil
	}
	if v.info.fields[i].info.kind.layered() {
		return v.setLayered(b, i, value)
	}
	return v.setScalar(b, i, value)
}

// setScalar writes a field that is converted at once.
func (v *view) setScalar(b *account, i int, value lua.LValue) *TypeError {
	f := &v.info.fields[i]
	if f.info.unchanged(b, v.tx, fieldAt(v.now(), f.index), value) {
		return nil
	}
	val := fieldAt(v.val, f.index)
	if !val.IsValid() || !f.info.unchanged(b, v.tx, val, value) {
		if f.info.kind.plain() {
			return v.setPlain(b, f, value)
		}
		var err *TypeError
		if val, err = v.fits(b, f.info, segment{name: f.name}, value); err != nil {
			return err
		}
	}
	v.mark()
	setField(v.ownCopy(), f.index, val)
	return nil
}

// setPlain writes a field of a plain kind: converting the value in its place is as cheap as elsewhere.
func (v *view) setPlain(b *account, f *field, value lua.LValue) *TypeError {
	e := v.edited()
	fresh := !e.own.IsValid()
	if problem := f.info.assign(b, v.tx, placeIn(v.ownCopy(), f.index), value); problem != "" {
		if fresh {
			e.own = reflect.Value{}
		}
		return typeErrorf(joinKey(v.path(), lua.LString(f.name)), "%s", problem)
	}
	v.mark()
	return nil
}

// setLayered writes a field whose value stays a Lua value until the commit.
func (v *view) setLayered(b *account, i int, value lua.LValue) *TypeError {
	f := &v.info.fields[i]
	if v.showsField(b, i, value) {
		if v.overlay != nil && v.overlay.sets != nil {
			v.overlay.sets[f.layer] = nil
		}
		return nil
	}
	if _, err := v.fits(b, f.info, segment{name: f.name}, value); err != nil {
		return err
	}
	if value == lua.LNil {
		value = v.zero(f.info, i, f.name)
	}
	e := v.mark()
	if e.sets == nil {
		e.sets = make([]lua.LValue, len(v.info.layers))
	}
	e.sets[f.layer] = value
	return nil
}

// showsField reports whether a value is what the committed field reads as.
func (v *view) showsField(b *account, i int, value lua.LValue) bool {
	f := &v.info.fields[i]
	if e := v.overlay; e != nil && e.kids != nil && e.kids[f.layer] != nil {
		return value == lua.LValue(e.kids[f.layer].table())
	}
	return f.info.unchanged(b, v.tx, fieldAt(v.val, f.index), value)
}

// unchanged reports whether assigning a value to a field leaves it as it is.
func (p *typeInfo) unchanged(b *account, s *Tx, val reflect.Value, value lua.LValue) bool {
	return p.same(b, s, val, value) || value == lua.LNil && val.IsValid() && val.IsZero()
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

// now is the record's Go value with the scalars that were written.
func (v *view) now() reflect.Value {
	if v.overlay != nil && v.overlay.own.IsValid() {
		return v.overlay.own
	}
	return v.val
}

// ownCopy returns the private copy of a record, made at the first write.
func (v *view) ownCopy() reflect.Value {
	e := v.edited()
	if !e.own.IsValid() {
		e.own = copyRecord(v.val)
	}
	return e.own
}

func copyRecord(rec reflect.Value) reflect.Value {
	out := reflect.New(rec.Type()).Elem()
	out.Set(rec)
	return out
}

// setField sets a field of a private copy.
func setField(own reflect.Value, index []int, val reflect.Value) { placeIn(own, index).Set(val) }

// placeIn returns a field of a private copy, to be set. An embedded struct behind a pointer is copied first, since the
// original shares it.
func placeIn(own reflect.Value, index []int) reflect.Value {
	for _, i := range index[:len(index)-1] {
		own = own.Field(i)
		if own.Kind() == reflect.Pointer {
			c := reflect.New(own.Type().Elem())
			if !own.IsNil() {
				c.Elem().Set(own.Elem())
			}
			own.Set(c)
			own = c.Elem()
		}
	}
	return own.Field(index[len(index)-1])
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

// maxGap is how far beyond the last item of a list a script may put another before it fills the places between: an
// array is as large as its highest index.
const maxGap = 1 << 16

func (v *view) putListItem(b *account, key, value lua.LValue) *TypeError {
	t := v.fillOnce(b)
	if t == nil {
		return errStopped
	}
	if value == lua.LNil && t.RawGet(key) == lua.LNil {
		return nil // as in any table; storing the nil would grow the array up to there
	}
	n, ok := key.(lua.LNumber)
	i := int(n)
	if !ok || lua.LNumber(i) != n || i < 1 {
		return typeErrorf(v.path(), "want a list index from 1, got %s", describeKey(key))
	}
	if err := b.charge(arraySize(t)/bytesPerStep/4, 0); err != nil { // MaxN looks at it, and most of it may be nil
		return err
	}
	if n := t.MaxN(); i > n+maxGap {
		return typeErrorf(v.path(), "a hole: item %d would stand alone after %d items", i, n)
	}
	if _, err := v.fits(b, v.info.elem, segment{index: i}, value); err != nil {
		return err
	}
	t.RawSetInt(i, value)
	return nil
}
