package bridge

import (
	"encoding/json"
	"math"
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// ToGo returns a copy of a Lua value as free-form Go data: nil, bool, int64, uint64, float64, [json.Number], string,
// []any or map[string]any. Numbers behind a view keep all their digits. The name is where the path in a message starts.
//
// A table with the keys 1 to n is a list, one with string keys a map, and an empty one a map unless its metatable says
// [jsonType] = "array", as those of decoded JSON lists do. Functions, other keys and cycles are errors of type
// *[TypeError]; the meter's errors come back unchanged.
func (v Value) ToGo(name string, m Meter) (data any, err error) {
	c := converter{account: account{meter: m}, name: name, copies: true}
	defer func() {
		if p := recover(); p != nil {
			err = c.panicked(p)
		}
	}()
	data, ferr := c.free(v.Lua())
	if err := c.end(ferr); err != nil {
		return nil, err
	}
	return data, nil
}

func (c *converter) free(lv lua.LValue) (any, *TypeError) {
	switch x := lv.(type) {
	case lua.LBool:
		return bool(x), nil
	case lua.LString:
		return string(x), nil
	case lua.LNumber:
		if i, ok := c.standsFor(nil, lv); ok {
			return i.free(), nil
		}
		return c.freeNumber(float64(x))
	case *lua.LTable:
		return c.freeTable(x)
	}
	if lv == nil || lv == lua.LNil || lv == Null {
		return nil, nil
	}
	return nil, c.fail("want data, got %s", Wrap(lv).TypeName())
}

func (c *converter) freeNumber(n float64) (any, *TypeError) {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, c.fail("want a finite number, got %v", n)
	}
	if n == math.Trunc(n) && n >= -1<<63 && n < 1<<63 {
		return int64(n), nil
	}
	return n, nil
}

var (
	freeMap  = typeInfoOf(reflect.TypeFor[map[string]any]())
	freeList = typeInfoOf(reflect.TypeFor[[]any]())
)

func (c *converter) freeTable(t *lua.LTable) (any, *TypeError) {
	if v := viewOf(t); v != nil {
		return c.freeView(v)
	}
	if isObject(t) {
		return nil, c.fail("want data, got a host object")
	}
	if err := c.enter(t); err != nil {
		return nil, err
	}
	defer c.leave()
	var val reflect.Value
	var err *TypeError
	if isList(t) {
		val, err = c.list(freeList, t, nil)
	} else {
		val, err = c.dict(freeMap, t)
	}
	if err != nil {
		return nil, err
	}
	return val.Interface(), nil
}

// freeView returns a copy of what is behind a view or, where nothing is to be copied, the very value. What is read only
// is always copied: it belongs to the engine, or to its config.
func (c *converter) freeView(v *view) (any, *TypeError) {
	if v.flags&shared != 0 && !c.copies && v.flags&readOnly == 0 {
		ptr, _, err := c.shared(v)
		if err != nil {
			return nil, err
		}
		return ptr.Interface(), nil
	}
	since := c.progress()
	val, changed, err := c.commit(v)
	if err == nil && c.copies {
		err = c.fillIn(since)
	}
	switch {
	case err != nil:
		return nil, err
	case c.copies || v.flags&readOnly != 0:
		return c.flattenView(v, val)
	case v.flags&viaPointer == 0:
		return val.Interface(), nil
	case changed:
		return addressed(reflect.PointerTo(v.info.typ), val).Interface(), nil
	}
	return v.val.Addr().Interface(), nil
}

// flattenView copies the Go value of a view. A view that shows Lua values may contain itself.
func (c *converter) flattenView(v *view, val reflect.Value) (any, *TypeError) {
	if len(v.info.values) > 0 {
		if err := c.enter(v.table()); err != nil {
			return nil, err
		}
		defer c.leave()
	}
	copies := c.copies
	c.copies = true
	data, err := c.flatten(v.info, val, maxDepth)
	c.copies = copies
	return data, err
}

// flatten copies a Go value as the free-form data that scripts see in it.
func (c *converter) flatten(p *typeInfo, val reflect.Value, depth int) (any, *TypeError) {
	if err := c.count(); err != nil {
		return nil, err
	}
	p, val, how := unwrap(&c.account, p, val)
	data, err := c.flattenInner(p, val, depth)
	c.giveBack(how.decoded - how.text) // the copy has the texts
	return data, err
}

// flattenInner copies what a pointer, an interface or raw JSON leads to; nothing where the type info is nil.
func (c *converter) flattenInner(p *typeInfo, val reflect.Value, depth int) (any, *TypeError) {
	switch {
	case p == nil:
		return nil, c.charge(0, 0)
	case p.kind.composite() && depth == 0:
		return nil, c.fail("nested deeper than %d tables", maxDepth)
	}
	switch p.kind {
	case boolKind:
		return val.Bool(), nil
	case intKind:
		return val.Int(), nil
	case uintKind:
		return val.Uint(), nil
	case floatKind:
		return val.Float(), nil
	case numberKind:
		return json.Number(val.String()), nil
	case recordKind, dictKind:
		return c.flattenKeys(p, val, depth-1)
	case listKind:
		return c.flattenList(p, val, depth-1)
	case valueKind, bindingKind:
		return c.free(p.scalar(&c.account, nil, val))
	case bytesKind:
		if err := c.charge(val.Len()/bytesPerStep, val.Len()); err != nil {
			return nil, err
		}
	}
	s, ok, bad := p.text(&c.account, val)
	if !ok {
		return nil, c.placed(bad)
	}
	return s, nil
}

func (c *converter) flattenKeys(p *typeInfo, val reflect.Value, depth int) (any, *TypeError) {
	if err := c.charge(1, mapBytes); err != nil {
		return nil, err
	}
	m := map[string]any{}
	put := func(key string, p *typeInfo, val reflect.Value) *TypeError {
		err := c.charge(0, entryBytes(slotBytes)+boxBytes)
		if err == nil {
			c.seg = append(c.seg, segment{name: key})
			m[key], err = c.flatten(p, val, depth)
			c.seg = c.seg[:len(c.seg)-1]
		}
		return err
	}
	if p.kind == recordKind {
		for _, f := range p.fields {
			if err := put(f.name, f.info, fieldAt(val, f.index)); err != nil {
				return nil, err
			}
		}
		return m, nil
	}
	for it := val.MapRange(); it.Next(); {
		key, bad := p.keyText(&c.account, it.Key())
		if bad != nil {
			return nil, c.placed(bad)
		}
		if err := put(key, p.elem, it.Value()); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (c *converter) flattenList(p *typeInfo, val reflect.Value, depth int) (any, *TypeError) {
	if err := c.charge(0, val.Len()*(slotBytes+boxBytes)); err != nil {
		return nil, err
	}
	list := make([]any, val.Len())
	for i := range list {
		c.seg = append(c.seg, segment{index: i + 1})
		item, err := c.flatten(p.elem, val.Index(i), depth)
		if err != nil {
			return nil, err
		}
		list[i] = item
		c.seg = c.seg[:len(c.seg)-1]
	}
	return list, nil
}

// jsonType is the key in a table's metatable that tells, with the value "array", an empty list from an empty map.
const jsonType = "__jsontype"

// isList decides what a plain table is: by what it holds, else by its metatable.
func isList(t *lua.LTable) bool {
	if k, _ := t.Next(lua.LNil); k != lua.LNil {
		_, ok := k.(lua.LNumber)
		return ok
	}
	mt, ok := t.Metatable.(*lua.LTable)
	return ok && mt.RawGetString(jsonType) == lua.LString("array")
}
