package bridge

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/suggest"
)

// index is __index: it reads one key of a view.
func index(L *lua.LState) int {
	v := viewOf(L.Get(1))
	L.Push(v.get(L, L.Get(2)))
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
	if v.plan.kind == listKind {
		n = v.fillOnce().Len()
	}
	L.Push(lua.LNumber(n))
	return 1
}

func (v *view) alive(L *lua.LState) {
	if v.scope.closed {
		L.RaiseError("%s", errClosed.Error())
	}
}

func (v *view) get(L *lua.LState, key lua.LValue) lua.LValue {
	v.alive(L)
	if v.plan.kind == listKind {
		return v.fillOnce().RawGet(key)
	}
	name, ok := key.(lua.LString)
	if !ok {
		return lua.LNil
	}
	if v.plan.kind == dictKind {
		return v.item(string(name))
	}
	if i, ok := v.plan.byName[string(name)]; ok {
		return v.field(i)
	}
	return lua.LNil
}

// field reads a field of a record.
func (v *view) field(i int) lua.LValue {
	f := &v.plan.fields[i]
	if e := v.edit; e != nil {
		if e.sets != nil && e.sets[i] != nil {
			return e.sets[i]
		}
		if e.kids != nil && e.kids[i] != nil {
			return e.kids[i].table()
		}
		if e.own.IsValid() && !f.plan.kind.layered() {
			return f.plan.scalar(fieldAt(e.own, f.index))
		}
	}
	lv, c := v.child(f.plan, fieldAt(v.val, f.index), i)
	if c != nil {
		e := v.edited()
		if e.kids == nil {
			e.kids = make([]*view, len(v.plan.fields))
		}
		e.kids[i] = c
	}
	return lv
}

// layered reports whether writes to a field of this kind are kept as Lua values until the commit; the others are
// converted at once.
func (k kind) layered() bool {
	return k.composite() || k == pointerKind || k == anyKind || k == rawKind || k == valueKind
}

// fieldAt is reflect.Value.FieldByIndex that returns the invalid Value behind a nil embedded pointer.
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
func (v *view) item(key string) lua.LValue {
	if e := v.edit; e != nil {
		if lv, ok := e.puts[key]; ok {
			return hideNull(lv)
		}
		if c, ok := e.named[key]; ok {
			return c.table()
		}
	}
	val := v.val.MapIndex(mapKey(v.plan.typ, key))
	if !val.IsValid() {
		return lua.LNil
	}
	lv, c := v.child(v.plan.elem, val, 0)
	if c != nil {
		c.edited().name = key
		e := v.edited()
		if e.named == nil {
			e.named = make(map[string]*view)
		}
		e.named[key] = c
	}
	return lv
}

func mapKey(t reflect.Type, key string) reflect.Value {
	k := reflect.ValueOf(key)
	if t.Key() != k.Type() {
		k = k.Convert(t.Key())
	}
	return k
}

// hideNull turns a null that a script put into a map into the nil that scripts read there.
func hideNull(lv lua.LValue) lua.LValue {
	if lv == Null {
		return lua.LNil
	}
	return lv
}

func (v *view) set(L *lua.LState, key, value lua.LValue) {
	v.alive(L)
	if err := v.put(key, value); err != nil {
		raise(L, v.scope, err)
	}
}

// raise stops the script with a type error, and notes it, so that the failure can be told from others.
func raise(L *lua.LState, s *Scope, err *TypeError) {
	s.raised = err
	L.RaiseError("%s", err.Error())
}

// put writes one key of a view, after a check that the value fits there.
func (v *view) put(key, value lua.LValue) *TypeError {
	if v.flags&readOnly != 0 {
		return typeErrorf(joinKey(v.path(), key), "read only")
	}
	switch v.plan.kind {
	case recordKind:
		return v.putField(key, value)
	case dictKind:
		return v.putItem(key, value)
	}
	return v.putListItem(key, value)
}

func (v *view) putField(key, value lua.LValue) *TypeError {
	name, ok := key.(lua.LString)
	if !ok {
		return typeErrorf(joinKey(v.path(), key), "no such field: want a name, got %s", TypeName(key))
	}
	i, ok := v.plan.byName[string(name)]
	if !ok {
		return typeErrorf(joinKey(v.path(), key), "no such field%s", suggest.Hint(string(name), v.plan.names()))
	}
	f := &v.plan.fields[i]
	if !f.plan.kind.layered() && f.plan.same(fieldAt(v.now(), f.index), value) {
		return nil
	}
	// The check of a table is repeated by the commit, since the script may go on changing it.
	conv := converter{root: v, seg: []segment{{name: f.name}}}
	val, err := conv.value(f.plan, value)
	if err != nil {
		return err
	}
	e := v.mark()
	if f.plan.kind.layered() {
		if e.sets == nil {
			e.sets = make([]lua.LValue, len(v.plan.fields))
		}
		e.sets[i] = value
		return nil
	}
	setField(v.ownCopy(), f.index, val)
	return nil
}

// now is the record's Go value with the scalars that were written.
func (v *view) now() reflect.Value {
	if v.edit != nil && v.edit.own.IsValid() {
		return v.edit.own
	}
	return v.val
}

// ownCopy returns the private copy of a record, made at the first write.
func (v *view) ownCopy() reflect.Value {
	e := v.edited()
	if !e.own.IsValid() {
		e.own = reflect.New(v.plan.typ).Elem()
		e.own.Set(v.val)
	}
	return e.own
}

// setField sets a field of a private copy. An embedded struct behind a pointer is copied first: it is shared with the
// value that was copied.
func setField(own reflect.Value, index []int, val reflect.Value) {
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
	own.Field(index[len(index)-1]).Set(val)
}

func (v *view) putItem(key, value lua.LValue) *TypeError {
	name, ok := key.(lua.LString)
	if !ok {
		return typeErrorf(v.path(), "want string keys, got a %s key", TypeName(key))
	}
	p := v.plan.elem
	if cur := v.val.MapIndex(mapKey(v.plan.typ, string(name))); cur.IsValid() && !v.assigned(string(name)) &&
		value != lua.LNil && p.same(cur, value) {
		return nil
	}
	if value != lua.LNil {
		conv := converter{root: v, seg: []segment{{name: string(name)}}}
		if _, err := conv.value(p, value); err != nil {
			return err
		}
	}
	e := v.mark()
	if e.puts == nil {
		e.puts = make(map[string]lua.LValue)
	}
	e.puts[string(name)] = value
	return nil
}

// assigned reports whether a key of a dict was written.
func (v *view) assigned(name string) bool {
	if v.edit == nil {
		return false
	}
	_, ok := v.edit.puts[name]
	return ok
}

func (v *view) putListItem(key, value lua.LValue) *TypeError {
	n, ok := key.(lua.LNumber)
	i := int(n)
	if !ok || lua.LNumber(i) != n || i < 1 {
		return typeErrorf(v.path(), "want a list index from 1, got %s", describeKey(key))
	}
	t := v.fillOnce()
	if value != lua.LNil {
		conv := converter{root: v, seg: []segment{{index: i}}}
		if _, err := conv.value(v.plan.elem, value); err != nil {
			return err
		}
	}
	t.RawSetInt(i, value)
	return nil
}
