package bridge

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

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
	if lv := v.layered(f); lv != nil {
		return lv
	}
	lv, c := v.child(b, f.info, fieldAt(v.val, f.index), i)
	b.blame(v, f.key)
	if c != nil {
		v.addKid(f, c)
	}
	return lv
}

// addKid notes the view of a layered field.
func (v *view) addKid(f *field, c *view) {
	e := v.edited()
	if e.kids == nil {
		e.kids = e.roomForKids(len(v.info.layers))
		v.grown()
	}
	e.kids[f.layer] = c
}

// known returns what a key of a record reads as where that takes no work of which an account would be told, as for most
// fields; nil otherwise. It does without the detours of package reflect.
func (v *view) known(key lua.LValue) lua.LValue {
	name, ok := key.(lua.LString)
	if !ok {
		return nil
	}
	i := v.info.named(string(name))
	if i == noField {
		return nil
	}
	f := &v.info.fields[i]
	if f.info.kind.layered() {
		lv := v.layered(f)
		if s, ok := lv.(lua.LString); ok && len(s) >= longString {
			return nil
		}
		if lv != nil {
			return lv
		}
	}
	if at := f.in(v.now()); at != nil {
		return f.read(v.tx, at)
	}
	return nil
}

// layered returns what a layered field reads as where a script has read or set it, or where its view sleeps; nil
// otherwise.
func (v *view) layered(f *field) lua.LValue {
	e := v.overlay
	switch {
	case e == nil:
	case e.sets != nil && e.sets[f.layer] != nil:
		return e.sets[f.layer]
	case e.kids != nil && e.kids[f.layer] != nil:
		return e.kids[f.layer].table()
	case e.beds != nil && e.beds[f.layer] != nil:
		return v.wake(f).table()
	}
	return nil
}

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

func (v *view) putField(b *account, key, value lua.LValue) *TypeError {
	name, ok := key.(lua.LString)
	if !ok {
		return typeErrorf(joinKey(v.path(), key), "no such field: want a name, got %s", Wrap(key).TypeName())
	}
	i := v.info.named(string(name))
	if i == noField {
		return typeErrorf(joinKey(v.path(), key), "no such field%s", hint(string(name), v.info.fieldNames()))
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
	if text, ok := value.(lua.LString); ok && f.info.kind == stringKind {
		if at := f.in(v.now()); at != nil {
			if *(*string)(at) != string(text) {
				*(*string)(f.in(v.ownCopy())) = string(text)
				v.mark()
			}
			return nil
		}
	}
	if f.info.unchanged(b, v.tx, fieldAt(v.now(), f.index), value) {
		return nil
	}
	val := fieldAt(v.val, f.index)
	if !val.IsValid() || !f.info.unchanged(b, v.tx, val, value) {
		if f.info.kind.plain() && f.inPlace && !v.liesInside() {
			return v.setPlain(b, f, value)
		}
		var err *TypeError
		if val, err = v.fits(b, f.info, segment{name: f.name}, value); err != nil {
			return err
		}
		if text, ok := value.(lua.LString); ok && f.info.kind == textKind {
			e := v.edited()
			e.texts = max(e.texts, int32(len(text))) // of at most maxText bytes
		}
	}
	v.mark()
	placeIn(v.ownCopy(), f.index).Set(val)
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
		switch {
		case v.liesInside():
			e.own = fieldAt(v.up.ownCopy(), v.up.info.fields[v.slot].index)
			v.up.mark()
		case v.up == nil && v.flags&viaPointer == 0:
			e.own = v.tx.spare.newCopy(v.val)
		default:
			e.own = copyOf(v.val)
		}
	}
	return e.own
}

// liesInside reports whether the private copy of a record can be a part of that of the record it lies in, since no
// pointer leads to it. In a graph, each value has a copy of its own.
func (v *view) liesInside() bool {
	if v.up == nil || v.up.info.kind != recordKind || v.up.info.recursive || v.up.info.reaches || v.flags&viaPointer != 0 {
		return false
	}
	f, e := &v.up.info.fields[v.slot], v.up.overlay
	return f.inPlace && f.info.kind == recordKind && e != nil && e.kids != nil && e.kids[f.layer] == v
}

// copyOf returns a copy of a record or an array that can be written to.
func copyOf(val reflect.Value) reflect.Value {
	out := reflect.New(val.Type()).Elem()
	out.Set(val)
	return out
}

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

func (v *view) nextField(b *account, name string, first bool) (lua.LValue, lua.LValue, bool) {
	i, fields := 0, v.info.fields
	if !first {
		if i = int(v.at); i >= len(fields) || fields[i].name != name {
			if i = v.info.named(name); i == noField {
				return nil, nil, false
			}
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
