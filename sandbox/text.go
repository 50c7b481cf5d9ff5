package sandbox

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/luaformat"
)

// plainText is the text of a string or number, as Lua converts one to the other: false for anything else.
func plainText(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return luaformat.FormatNumber(float64(v)), true
	}
	return "", false
}

// checkText reads an argument that is a string, or a number.
func checkText(L *lua.LState, at int) string {
	s, ok := plainText(L.Get(at))
	if !ok {
		L.CheckString(at) // which says what is wrong
	}
	return s
}

// textOf is the text of any value, as tostring gives it.
func textOf(L *lua.LState, v lua.LValue) string {
	shown := shown(L, v)
	s, ok := plainText(shown)
	if !ok {
		L.RaiseError("__tostring must return a string, got %s", typeName(shown))
	}
	return s
}

// shown is what tostring returns: a string, or whatever __tostring returns.
func shown(L *lua.LState, v lua.LValue) lua.LValue {
	if s, ok := plainText(v); ok {
		return lua.LString(s)
	}
	return orNil(L.ToStringMeta(v))
}

func toString(L *lua.LState) int {
	L.Push(shown(L, L.CheckAny(1)))
	return 1
}
