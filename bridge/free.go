package bridge

import (
	"encoding/json"
	"math"
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// Free returns a copy of a Lua value as free-form Go data: nil, bool, int64, uint64, float64, [json.Number], string, []any
// or map[string]any. Numbers behind a view keep all their digits. The name is where the path in a message starts.
//
// A table with the keys 1 to n is a list, one with string keys a map, an empty one a map unless its metatable says
// [JSONType] = "array", as decoded JSON lists do. Functions, other keys and cycles are errors.
func Free(name string, v Value) (any, error) {
	c := converter{name: name, copies: true}
	data, err := c.free(v.Lua())
	if err != nil {
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
		return c.freeNumber(float64(x))
	case *lua.LTable:
		return c.freeTable(x)
	}
	if lv == nil || lv == lua.LNil || lv == Null {
		return nil, nil
	}
	return nil, c.fail("want data, got %s", TypeName(lv))
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
	freeMap  = planOf(reflect.TypeFor[map[string]any]())
	freeList = planOf(reflect.TypeFor[[]any]())
)

func (c *converter) freeTable(t *lua.LTable) (any, *TypeError) {
	if v := viewOf(t); v != nil {
		val, _, err := c.commit(v)
		switch {
		case err != nil:
			return nil, err
		case c.copies:
			return flatten(v.plan, val, maxDepth), nil
		}
		return val.Interface(), nil
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

// flatten copies a Go value as the free-form data that scripts see in it. Values nested deeper than depth are nil.
func flatten(p *plan, val reflect.Value, depth int) any {
	p, val, _ = unwrap(p, val)
	if p == nil || !val.IsValid() || depth == 0 {
		return nil
	}
	switch p.kind {
	case boolKind:
		return val.Bool()
	case intKind:
		return val.Int()
	case uintKind:
		return val.Uint()
	case floatKind:
		return val.Float()
	case numberKind:
		return json.Number(val.String())
	case recordKind:
		m := make(map[string]any, len(p.fields))
		for _, f := range p.fields {
			m[f.name] = flatten(f.plan, fieldAt(val, f.index), depth-1)
		}
		return m
	case dictKind:
		m := make(map[string]any, val.Len())
		for it := val.MapRange(); it.Next(); {
			m[it.Key().String()] = flatten(p.elem, it.Value(), depth-1)
		}
		return m
	case listKind:
		list := make([]any, val.Len())
		for i := range list {
			list[i] = flatten(p.elem, val.Index(i), depth-1)
		}
		return list
	}
	if s, ok := p.text(val); ok {
		return s
	}
	return nil
}

// JSONType is the key in a table's metatable that tells, with the value "array", an empty list from an empty map.
const JSONType = "__jsontype"

// isList decides what a plain table is: by what it holds, else by its metatable.
func isList(t *lua.LTable) bool {
	if k, _ := t.Next(lua.LNil); k != lua.LNil {
		_, ok := k.(lua.LNumber)
		return ok
	}
	mt, ok := t.Metatable.(*lua.LTable)
	return ok && mt.RawGetString(JSONType) == lua.LString("array")
}
