package sandbox

import (
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/format"
)

// The functions of this file read a library function's arguments as Lua 5.1 does: a string that spells a number serves
// as a number, and a number serves as a string; a missing argument is told apart from nil; and an error names the
// function as its caller wrote it.

// raise raises a message, preceded by the place of the caller; only a Lua function has one.
func raise(L *lua.LState, format string, args ...any) {
	L.Error(lua.LString(callerPlace(L)+fmt.Sprintf(format, args...)), 0)
}

// callerPlace is the place that a library function was called from, empty where the caller is not a Lua function.
func callerPlace(L *lua.LState) string {
	f := topFrame(L)
	if f == nil || f.Parent == nil {
		return ""
	}
	line := f.Parent.line()
	if line == 0 || f.Parent.Fn.Proto == bodyProto {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", f.Parent.Fn.Proto.SourceName, line)
}

// badArgument raises the error for an argument. The first argument of a method is the value that it is called on.
func badArgument(L *lua.LState, at int, problem string) {
	kind, name := calledAs(L)
	if kind == "method" {
		if at--; at == 0 {
			raise(L, "calling '%s' on bad self (%s)", name, problem)
		}
	}
	raise(L, "bad argument #%d to '%s' (%s)", at, name, problem)
}

func wrongType(L *lua.LState, at int, want string) {
	got := "no value"
	if at <= L.GetTop() {
		got = typeName(orNil(L.Get(at)))
	}
	badArgument(L, at, want+" expected, got "+got)
}

// checkAny reads an argument that must be there.
func checkAny(L *lua.LState, at int) lua.LValue {
	if at > L.GetTop() {
		badArgument(L, at, "value expected")
	}
	return orNil(L.Get(at))
}

func checkTable(L *lua.LState, at int) *lua.LTable {
	t, ok := L.Get(at).(*lua.LTable)
	if !ok {
		wrongType(L, at, "table")
	}
	return t
}

func checkFunction(L *lua.LState, at int) *lua.LFunction {
	fn, ok := L.Get(at).(*lua.LFunction)
	if !ok {
		wrongType(L, at, "function")
	}
	return fn
}

// checkText reads an argument that is a string, or a number.
func checkText(L *lua.LState, at int) string {
	s, ok := plainText(L, L.Get(at))
	if !ok {
		wrongType(L, at, "string")
	}
	return s
}

func optText(L *lua.LState, at int, absent string) string {
	if orNil(L.Get(at)) == lua.LNil {
		return absent
	}
	return checkText(L, at)
}

// plainNumber is the value of a number, or of a string that spells one.
func plainNumber(v lua.LValue) (float64, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		return format.ParseNumber(string(v))
	}
	return 0, false
}

func checkNumber(L *lua.LState, at int) float64 {
	if n, ok := L.Get(at).(lua.LNumber); ok {
		return float64(n)
	}
	n, ok := plainNumber(L.Get(at))
	if !ok {
		wrongType(L, at, "number")
	}
	return n
}

// checkWhole reads a number and cuts off its fraction. A number that would overflow in Lua's C stays large.
func checkWhole(L *lua.LState, at int) float64 { return truncated(checkNumber(L, at)) }

// optWhole is checkWhole for an optional argument.
func optWhole(L *lua.LState, at int, absent float64) float64 {
	if orNil(L.Get(at)) == lua.LNil {
		return absent
	}
	return checkWhole(L, at)
}

func truncated(n float64) float64 {
	n = math.Trunc(n)
	if math.IsNaN(n) {
		return 0
	}
	return n
}

// checkInt is checkWhole, clamped to the range of a C int.
func checkInt(L *lua.LState, at int) int { return toInt(checkWhole(L, at)) }

func optInt(L *lua.LState, at, absent int) int { return toInt(optWhole(L, at, float64(absent))) }

func toInt(n float64) int { return int(min(max(n, math.MinInt32), math.MaxInt32)) }
