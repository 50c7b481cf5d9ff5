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

// textOf is the text of any value, as tostring gives it.
func textOf(L *lua.LState, v lua.LValue) string {
	shown := shown(L, v)
	s, ok := plainText(shown)
	if !ok {
		raise(L, "__tostring must return a string, got %s", typeName(shown))
	}
	return s
}

// shown is what tostring returns: a string, or whatever __tostring returns.
func shown(L *lua.LState, v lua.LValue) lua.LValue {
	if s, ok := plainText(v); ok {
		return lua.LString(s)
	}
	if meta := L.GetMetaField(v, "__tostring"); meta != lua.LNil {
		return callMeta(L, meta, v)
	}
	return lua.LString(v.String())
}

func toString(L *lua.LState) int {
	L.Push(shown(L, checkAny(L, 1)))
	return 1
}
