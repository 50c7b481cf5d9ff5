package sandbox

import (
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/format"
)

// plainText is the text of a string or number, as Lua converts one to the other; false for anything else. An integer
// from outside the VM has all its digits.
func plainText(L *lua.LState, v lua.LValue) (string, bool) {
	if digits, ok := bridge.Digits(L, v); ok {
		return digits, true
	}
	return rawText(v)
}

// plainText is the function of that name, for a value that no thread holds any more.
func (vm *VM) plainText(v lua.LValue) (string, bool) {
	if digits, ok := vm.meter.numbers.Digits(v); ok {
		return digits, true
	}
	return rawText(v)
}

func rawText(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return format.FormatNumber(float64(v)), true
	}
	return "", false
}

// textOf is the text of any value, as tostring gives it.
func textOf(L *lua.LState, v lua.LValue) string {
	shown := shown(L, v)
	s, ok := plainText(L, shown)
	if !ok {
		raise(L, "__tostring must return a string, got %s", typeName(shown))
	}
	return s
}

// shown is what tostring returns: a string, or whatever __tostring returns.
func shown(L *lua.LState, v lua.LValue) lua.LValue {
	if s, ok := plainText(L, v); ok {
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

// integerOf is the integer that a number stands for, where a double may be unable to hold it.
func integerOf(L *lua.LState, v lua.LValue) (negative bool, magnitude uint64, ok bool) {
	digits, ok := bridge.Digits(L, v)
	if !ok {
		return false, 0, false
	}
	digits, negative = strings.CutPrefix(digits, "-")
	magnitude, err := strconv.ParseUint(digits, 10, 64)
	return negative, magnitude, err == nil
}
