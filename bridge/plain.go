package bridge

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// Plain makes a copy of a Go value as ordinary Lua tables, which a script may keep and change. Lists carry a metatable
// with [JSONType] = "array", so that an empty one stays a list. Values nested deeper than 100 levels, or after the first
// million, read as nil: Go data may contain itself.
func Plain(v any) Value {
	if v == nil {
		return Value{lua.LNil}
	}
	return Value{plainOf(reflect.ValueOf(v))}
}

func plainOf(val reflect.Value) lua.LValue {
	c := copier{left: maxNodes}
	return c.plain(planOf(val.Type()), val, maxDepth)
}

// copier makes plain tables, and knows how many values it may still visit.
type copier struct{ left int }

func (c *copier) plain(p *plan, val reflect.Value, depth int) lua.LValue {
	c.left--
	p, val, _ = unwrap(p, val)
	switch {
	case p == nil || depth == 0 || c.left < 0:
		return lua.LNil
	case p.kind == recordKind:
		t := makeTable(0, len(p.fields))
		for _, f := range p.fields {
			t.RawSet(f.key, c.plain(f.plan, fieldAt(val, f.index), depth-1))
		}
		return t
	case p.kind == dictKind:
		t := makeTable(0, val.Len())
		for it := val.MapRange(); it.Next(); {
			t.RawSetString(it.Key().String(), c.plain(p.elem, it.Value(), depth-1))
		}
		return t
	case p.kind == listKind:
		t := makeTable(val.Len(), 0)
		for i := range val.Len() {
			t.Append(nullForNil(c.plain(p.elem, val.Index(i), depth-1)))
		}
		t.Metatable = arrayMeta()
		return t
	}
	return p.scalar(val)
}

// arrayMeta makes the metatable of a list. Every list has its own: scripts can reach it.
func arrayMeta() *lua.LTable {
	mt := makeTable(0, 1)
	mt.RawSetString(JSONType, lua.LString("array"))
	return mt
}
