package bridge

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"

	lua "github.com/yuin/gopher-lua"
)

// Limits on what one conversion from Lua to Go may visit: far above any real record, far below what hurts.
const (
	maxDepth   = 100
	maxNodes   = 1 << 20
	maxChecked = 1000    // at an assignment
	maxChain   = 1 << 13 // of records that a script reached one through the other: Go values may be nested that deeply
)

// aCycle is what is wrong with a value that would contain itself.
const aCycle = "a cycle: the table contains itself"

// errEnough ends the check of an assignment once it has seen enough.
var errEnough = &TypeError{Text: "not checked further"}

// converter turns Lua values into Go values, checked against the Go types, and its errors say where the mistake is.
type converter struct {
	account
	root   *view      // the view where the path starts, or nil
	name   string     // where the path starts if root is nil
	seg    []segment  // the path from there; after an error it stays where that happened
	short  [2]segment // room for most paths
	copies bool       // whether free-form data is copied out of views, or is the very value behind them
	views  bool       // whether a view was met, so that the result may be the Go value behind it, or hold parts of that
	checks bool       // whether it only checks: only a scalar result is used
	open   []*lua.LTable
	outer  int // how many of these may be met again: what is filled in now is not part of them
	nodes  int
	depth  int // how many views are being committed, one inside the other

	rebuild *rebuild // nil until something of a graph is met
	moving  int      // how deep it is in values that scripts put where they were not before
	copied  copied   // so that nothing is copied twice
}

// panicked returns the error of a conversion that panicked: a value of the service may do what none of this package
// expects, such as a key that cannot be hashed.
func (c *converter) panicked(p any) error {
	c.over()
	return c.why(&TypeError{Path: c.path(), Text: "the conversion panicked: " + panicText(p), panicked: true})
}

// value converts a Lua value for a place of the type. A nil, or a null, becomes the zero value there.
func (c *converter) value(p *typeInfo, lv lua.LValue) (reflect.Value, *TypeError) {
	if err := c.count(); err != nil {
		return reflect.Value{}, err
	}
	if lv == nil || lv == lua.LNil || lv == Null {
		return reflect.Zero(p.typ), nil
	}
	switch p.kind {
	case pointerKind:
		return c.pointer(p, lv)
	case anyKind:
		v, err := c.free(lv)
		if err == nil {
			err = c.charge(0, boxBytes)
		}
		if err != nil || v == nil {
			return reflect.Zero(p.typ), err
		}
		return reflect.ValueOf(v), nil
	case rawKind:
		return c.raw(lv)
	case bindingKind:
		return reflect.Value{}, c.fail("read only")
	case valueKind:
		return reflect.ValueOf(Wrap(lv)), nil
	case recordKind, dictKind, listKind:
		return c.composite(p, lv)
	}
	if s, ok := lv.(lua.LString); ok && p.kind != stringKind {
		if p.kind == textKind {
			return c.unmarshalText(p, string(s))
		}
		if err := c.charge(len(s)/bytesPerStep, len(s)); err != nil {
			return reflect.Value{}, err
		}
	}
	val, problem := p.fromScalar(&c.account, lv)
	if problem != "" {
		return val, c.fail("%s", problem)
	}
	return val, nil
}

// count bounds how many values are visited.
func (c *converter) count() *TypeError {
	c.nodes++
	switch {
	case c.checks && c.nodes > maxChecked:
		return errEnough
	case c.nodes > maxNodes:
		return c.fail("has more than %d values", maxNodes)
	}
	return c.charge(1, 0)
}

// pointer converts to a pointer. A view that was read through a pointer and not changed gives that very pointer back.
func (c *converter) pointer(p *typeInfo, lv lua.LValue) (reflect.Value, *TypeError) {
	if v := viewOf(lv); v != nil && v.info.typ == p.elem.typ && v.flags&viaPointer != 0 {
		c.views = true
		if v.flags&shared != 0 && v.flags&readOnly == 0 {
			ptr, _, err := c.shared(v)
			if err != nil {
				return ptr, err
			}
			return ptr.Convert(p.typ), nil
		}
		val, changed, err := c.commit(v)
		if err != nil {
			return val, err
		}
		if changed {
			return addressed(p.typ, val), nil
		}
		ptr := v.val.Addr()
		if c.mustCopy(v) {
			if ptr, err = c.detach(ptr); err != nil {
				return ptr, err
			}
		}
		return ptr.Convert(p.typ), nil
	}
	if p.elem.recursive && c.rebuild != nil && c.rebuild.at != nil {
		return c.newNode(p, lv)
	}
	val, err := c.value(p.elem, lv)
	if err == nil {
		err = c.charge(0, int(p.elem.typ.Size()))
	}
	if err != nil {
		return val, err
	}
	return addressed(p.typ, val), nil
}

// addressed returns a pointer to a copy of a value, of the given pointer type.
func addressed(t reflect.Type, val reflect.Value) reflect.Value {
	ptr := reflect.New(t.Elem())
	ptr.Elem().Set(val)
	return ptr.Convert(t)
}

// raw converts to the JSON text of a value.
func (c *converter) raw(lv lua.LValue) (reflect.Value, *TypeError) {
	if c.checks {
		_, err := c.free(lv)
		return reflect.Zero(rawMessageType), err
	}
	return c.text(func(e *encoder) *TypeError { return e.lua(lv) })
}

// rawOf makes raw JSON of a Go value that was decoded from raw JSON and has changed since.
func rawOf(c *converter, val reflect.Value) (reflect.Value, *TypeError) {
	return c.text(func(e *encoder) *TypeError { return e.value(typeInfoOf(val.Type()), val, maxRawDepth) })
}

// text returns what an encoder writes as a part of the conversion: it takes over its counts and what it knows of
// graphs. A text points to nothing, so a value of a graph is moved nowhere by it; but it cannot be in itself.
func (c *converter) text(write func(*encoder) *TypeError) (reflect.Value, *TypeError) {
	e := encoder{converter: *c}
	e.moving, e.outer = 0, 0
	if r := c.rebuild; r != nil {
		at := r.at
		r.at = nil
		defer func() { r.at = at }()
	}
	err := write(&e)
	c.account, c.nodes, c.rebuild, c.copied = e.account, e.nodes, e.rebuild, e.copied
	return reflect.ValueOf(json.RawMessage(e.text)), err
}

// composite converts a table. A view of the same type gives back its Go value.
func (c *converter) composite(p *typeInfo, lv lua.LValue) (reflect.Value, *TypeError) {
	t, ok := lv.(*lua.LTable)
	if !ok {
		return reflect.Value{}, c.fail("%s", p.mismatch(lv))
	}
	if v := viewOf(t); v != nil && v.info.typ == p.typ {
		if v.flags&readOnly != 0 && (p == freeMap || p == freeList) {
			data, err := c.freeView(v)
			return reflect.ValueOf(data), err
		}
		c.views = true
		val, _, err := c.commit(v)
		if err != nil {
			return val, err
		}
		return c.taken(v, val)
	}
	if err := c.enter(t); err != nil {
		return reflect.Value{}, err
	}
	defer c.leave()
	switch p.kind {
	case recordKind:
		return c.record(p, t)
	case dictKind:
		return c.dict(p, t)
	}
	return c.list(p, t, nil)
}

// enter guards against tables that contain themselves.
func (c *converter) enter(t *lua.LTable) *TypeError {
	if v := viewOf(t); v != nil && v.closed() {
		return c.fail("%s", errClosed.Error())
	}
	if slices.Contains(c.open[c.outer:], t) {
		return c.fail(aCycle)
	}
	if len(c.open) == maxDepth {
		return c.fail("nested deeper than %d tables", maxDepth)
	}
	c.open = append(c.open, t)
	return c.charge((arraySize(t)+keysSize(t))/bytesPerStep, 0) // a walk looks at all of that
}

func (c *converter) leave() { c.open = c.open[:len(c.open)-1] }

func (c *converter) record(p *typeInfo, t *lua.LTable) (reflect.Value, *TypeError) {
	if err := c.charge(0, int(p.typ.Size())); err != nil {
		return reflect.Value{}, err
	}
	rec := reflect.New(p.typ).Elem()
	err := each(&c.account, t, func(key, value lua.LValue) *TypeError {
		name, ok := key.(lua.LString)
		if !ok {
			return c.fail("want a table with named fields, got a %s key", Wrap(key).TypeName())
		}
		c.seg = append(c.seg, segment{name: string(name), of: p})
		i := p.named(string(name))
		if i == noField {
			return c.fail("no such field%s", hint(string(name), p.fieldNames()))
		}
		val, err := c.value(p.fields[i].info, value)
		if err != nil {
			return err
		}
		placeIn(rec, p.fields[i].index).Set(val)
		c.seg = c.seg[:len(c.seg)-1]
		return nil
	})
	return rec, err
}

func (c *converter) dict(p *typeInfo, t *lua.LTable) (reflect.Value, *TypeError) {
	if err := c.charge(1, mapBytes); err != nil {
		return reflect.Value{}, err
	}
	m, entry := reflect.MakeMap(p.typ), entryBytes(int(p.elem.typ.Size()))
	err := each(&c.account, t, func(key, value lua.LValue) *TypeError {
		name, ok := p.keyName(key)
		if !ok {
			return c.fail("want string keys, got a %s key", Wrap(key).TypeName())
		}
		c.seg = append(c.seg, segment{name: name})
		val, err := c.value(p.elem, value)
		if err == nil {
			err = c.charge(1, entry)
		}
		if err != nil {
			return err
		}
		k, bad := p.newKey(&c.account, name)
		if bad != nil {
			return c.placed(bad)
		}
		m.SetMapIndex(k, val)
		c.seg = c.seg[:len(c.seg)-1]
		return nil
	})
	return m, err
}

// list converts a table with the keys 1 to n. The items of from, where given, keep their exact values.
func (c *converter) list(p *typeInfo, t *lua.LTable, from *view) (reflect.Value, *TypeError) {
	if v := viewOf(t); v != nil && v.info.kind == listKind {
		if t = v.fillOnce(&c.account); t == nil {
			return reflect.Value{}, errStopped
		}
	}
	n, err := c.items(t)
	if err != nil {
		return reflect.Value{}, err
	}
	list, err := c.newList(p, n)
	if err != nil {
		return list, err
	}
	var origins []int
	if from != nil {
		if origins = from.origins(&c.account, n); origins == nil {
			return list, errStopped
		}
	}
	for i := range n {
		c.seg = append(c.seg, segment{index: i + 1})
		var val reflect.Value
		if from != nil && origins[i] >= 0 {
			o := origins[i]
			val, _, err = c.child(p.elem, from.val.Index(o), from.overlay.kids[o])
		} else {
			val, err = c.put(p.elem, t.RawGetInt(i+1))
		}
		if err != nil {
			return list, err
		}
		list.Index(i).Set(val)
		c.seg = c.seg[:len(c.seg)-1]
	}
	return list, nil
}

// newList makes a list of n zero values.
func (c *converter) newList(p *typeInfo, n int) (list reflect.Value, err *TypeError) {
	if err := c.charge(0, n*int(p.elem.typ.Size())); err != nil {
		return list, err
	}
	if p.typ.Kind() != reflect.Array {
		return reflect.MakeSlice(p.typ, n, n), nil
	}
	if n != p.typ.Len() {
		return list, c.fail("want %d items, got %d", p.typ.Len(), n)
	}
	return reflect.New(p.typ).Elem(), nil
}

// items returns the length of a table that is a list: the keys 1 to n and no other.
func (c *converter) items(t *lua.LTable) (int, *TypeError) {
	n := t.MaxN()
	if c.checks && n > maxChecked {
		return 0, errEnough
	}
	if err := c.charge(n/8, 0); err != nil {
		return 0, err
	}
	for i := 1; i <= n; i++ {
		if lv := t.RawGetInt(i); lv == nil || lv == lua.LNil {
			return 0, c.fail("a hole: item %d of %d is nil", i, n)
		}
	}
	if v := viewOf(t); keysSize(t) == 0 && (v == nil || v.info.kind == listKind) {
		return n, nil
	}
	bad := each(&c.account, t, func(key, _ lua.LValue) *TypeError {
		k, ok := key.(lua.LNumber)
		switch whole := ok && float64(k) == math.Trunc(float64(k)); {
		case whole && k >= 1 && k <= lua.LNumber(n):
			return nil
		case whole && k > lua.LNumber(n):
			return c.fail("a hole: item %s stands alone after %d items", k, n)
		}
		return c.fail("want a list, got a table with the key %s", describeKey(key))
	})
	return n, bad
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
