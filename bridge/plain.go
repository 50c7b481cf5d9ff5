package bridge

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// Plain makes a copy of a Go value as ordinary Lua tables, which a script may keep and change. Lists carry a metatable
// with [JSONType] = "array", so that an empty one stays a list. Values nested deeper than 100 levels read as nil.
func Plain(v any) Value {
	if v == nil {
		return Value{lua.LNil}
	}
	val := reflect.ValueOf(v)
	return Value{plain(planOf(val.Type()), val, maxDepth)}
}

func plain(p *plan, val reflect.Value, depth int) lua.LValue {
	p, val, _ = unwrap(p, val)
	switch {
	case p == nil || depth == 0:
		return lua.LNil
	case p.kind == recordKind:
		t := makeTable(0, len(p.fields))
		for _, f := range p.fields {
			if item := fieldAt(val, f.index); item.IsValid() {
				t.RawSet(f.key, plain(f.plan, item, depth-1))
			}
		}
		return t
	case p.kind == dictKind:
		t := makeTable(0, val.Len())
		for it := val.MapRange(); it.Next(); {
			t.RawSetString(it.Key().String(), plain(p.elem, it.Value(), depth-1))
		}
		return t
	case p.kind == listKind:
		t := makeTable(val.Len(), 0)
		for i := range val.Len() {
			t.Append(nullForNil(plain(p.elem, val.Index(i), depth-1)))
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
