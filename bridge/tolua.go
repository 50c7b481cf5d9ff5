package bridge

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// ToLua makes a copy of a Go value as ordinary Lua tables, which a script may keep and change. Lists carry a metatable
// with [jsonType] = "array", so that an empty one stays a list. Values nested deeper than 100 levels, or after the
// first million, read as nil: Go data may contain itself.
func ToLua(v any) Value { return (*Tx)(nil).ToLua(v) }

// ToLua is the function [ToLua] for a transaction under way: integers from 2^53 on stay exact until it is closed.
func (s *Tx) ToLua(v any) Value {
	if v == nil {
		return Value{lua.LNil}
	}
	c := copier{left: maxNodes, tx: s}
	return Value{c.copy(reflect.ValueOf(v))}
}

// copier makes plain tables, and knows how many values it may still visit.
type copier struct {
	account
	left int
	tx   *Tx         // the transaction that notes integers which a double cannot hold; nil for none
	meta *lua.LTable // the metatable of its lists; nil before the first
}

// copy copies a value. What it returns counts only where the account has no error.
func (c *copier) copy(val reflect.Value) lua.LValue {
	return c.plain(typeInfoOf(val.Type()), val, maxDepth)
}

func (c *copier) plain(p *typeInfo, val reflect.Value, depth int) lua.LValue {
	c.left--
	p, val, _ = unwrap(&c.account, p, val)
	if p == nil || depth == 0 || c.left < 0 || !c.take(1, c.bytesOf(p, val)) {
		return lua.LNil
	}
	switch p.kind {
	case recordKind:
		t := makeTable(0, len(p.fields))
		for _, f := range p.fields {
			t.RawSet(f.key, c.plain(f.info, fieldAt(val, f.index), depth-1))
		}
		return t
	case dictKind:
		t := makeTable(0, val.Len())
		for it := val.MapRange(); it.Next(); {
			key, bad := p.keyText(&c.account, it.Key())
			if bad != nil {
				c.stop(bad)
				return lua.LNil
			}
			t.RawSetString(key, c.plain(p.elem, it.Value(), depth-1))
		}
		return t
	case listKind:
		if val.Len() >= lua.MaxArrayIndex {
			c.stop(tooManyItems("", val.Len()))
			return lua.LNil
		}
		t := makeTable(val.Len(), 0)
		for i := range val.Len() {
			t.Append(nullForNil(c.plain(p.elem, val.Index(i), depth-1)))
		}
		if c.meta == nil {
			c.meta = arrayMeta()
		}
		t.Metatable = c.meta
		return t
	}
	return p.scalar(&c.account, c.tx, val)
}

// bytesOf is what the Lua value for a Go value takes, without what is nested in it.
func (c *copier) bytesOf(p *typeInfo, val reflect.Value) int {
	switch p.kind {
	case recordKind:
		return recordBytes(len(p.fields))
	case dictKind:
		return recordBytes(val.Len())
	case listKind:
		return tableBytes + val.Len()*slotBytes
	case bytesKind, stringKind: // the Lua value may be all that holds a text of the host's
		return boxBytes + val.Len()
	}
	return boxBytes
}

// arrayMeta makes the metatable of lists. Each copy has its own: scripts can reach it.
func arrayMeta() *lua.LTable {
	mt := makeTable(0, 1)
	mt.RawSetString(jsonType, lua.LString("array"))
	return mt
}
