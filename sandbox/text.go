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
	if s, ok := plainText(v); ok {
		return s
	}
	s, _ := plainText(L.ToStringMeta(v))
	return s
}

func toString(L *lua.LState) int {
	L.Push(lua.LString(textOf(L, L.CheckAny(1))))
	return 1
}
