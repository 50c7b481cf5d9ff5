package bridge

import lua "github.com/yuin/gopher-lua"

// The functions of this file are for code that runs in the place of an instruction, and so cannot raise an error.

// TryNext is Next for code that cannot raise an error: ok is false where Next may raise one.
func (x Table) TryNext(L *lua.LState, key lua.LValue) (k, value lua.LValue, ok bool) {
	v := viewOf(x.t)
	if v == nil {
		k, value = x.t.Next(key)
		return k, value, true
	}
	if v.closed() {
		return nil, nil, false
	}
	b := account{L: L, tx: v.tx}
	k, value, ok = v.step(&b, key)
	return k, value, b.tried(ok)
}

// TryGet reads a key of a record or a map as a script does, for code that cannot raise an error: ok is false where
// reading may raise one.
func (x Table) TryGet(L *lua.LState, key lua.LValue) (value lua.LValue, ok bool) {
	v := viewOf(x.t)
	if v == nil || v.info.kind == listKind || v.closed() {
		return nil, false
	}
	b := account{L: L, tx: v.tx}
	value = v.fetch(&b, key)
	return value, b.tried(true)
}

// TrySet writes a key of a record or a map as a script does, for code that cannot raise an error: it returns false
// where writing may raise one. What it has done by then may be done again.
func (x Table) TrySet(L *lua.LState, key, value lua.LValue) bool {
	v := viewOf(x.t)
	if v == nil || v.info.kind == listKind || v.closed() {
		return false
	}
	b := account{L: L, tx: v.tx}
	err := v.store(&b, key, value)
	return b.tried(err == nil)
}
