package machine

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"
)

// Raise raises a message, preceded by the place of the caller; only a Lua function has one.
func Raise(L *lua.LState, format string, args ...any) {
	L.Error(lua.LString(CallerPlace(L)+fmt.Sprintf(format, args...)), 0)
}

// CallerPlace is the place that a library function was called from, empty where the caller is not a Lua function.
func CallerPlace(L *lua.LState) string {
	f := TopFrame(L)
	if f == nil || f.Parent == nil {
		return ""
	}
	line := f.Parent.Line()
	if line == 0 || f.Parent.Fn.Proto == CoroutineBody {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", f.Parent.Fn.Proto.SourceName, line)
}

// Fault raises the error of an operation, with a place where a Lua function does the operation.
func Fault(L *lua.LState, message string) {
	if TopFrame(L).Fn.IsG {
		L.Error(lua.LString(message), 0)
	}
	L.RaiseError("%s", message)
}
