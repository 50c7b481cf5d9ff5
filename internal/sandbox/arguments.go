package sandbox

import (
	"math"

	"github.com/hookrun/hookrun/internal/lua/machine"

	lua "github.com/yuin/gopher-lua"
)

// The functions of this file read a library function's arguments as Lua 5.1 does: a string that spells a number serves
// as a number, and a number serves as a string; a missing argument is told apart from nil; and an error names the
// function as its caller wrote it.

// badArgument raises the error for an argument. The first argument of a method is the value that it is called on.
func badArgument(L *lua.LState, at int, problem string) {
	kind, name := machine.CalledAs(L)
	if kind == "method" {
		if at--; at == 0 {
			machine.Raise(L, "calling '%s' on bad self (%s)", name, problem)
		}
	}
	machine.Raise(L, "bad argument #%d to '%s' (%s)", at, name, problem)
}

func wrongType(L *lua.LState, at int, want string) {
	got := "no value"
	if at <= L.GetTop() {
		got = machine.TypeName(machine.OrNil(L.Get(at)))
	}
	badArgument(L, at, want+" expected, got "+got)
}

// checkAny reads an argument that must be there.
func checkAny(L *lua.LState, at int) lua.LValue {
	if at > L.GetTop() {
		badArgument(L, at, "value expected")
	}
	return machine.OrNil(L.Get(at))
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
	s, ok := machine.PlainText(L, L.Get(at))
	if !ok {
		wrongType(L, at, "string")
	}
	return s
}

func optText(L *lua.LState, at int, absent string) string {
	if machine.OrNil(L.Get(at)) == lua.LNil {
		return absent
	}
	return checkText(L, at)
}

func checkNumber(L *lua.LState, at int) float64 {
	if n, ok := L.Get(at).(lua.LNumber); ok {
		return float64(n)
	}
	n, ok := machine.PlainNumber(L.Get(at))
	if !ok {
		wrongType(L, at, "number")
	}
	return n
}

// checkWhole reads a number and cuts off its fraction. A number that would overflow in Lua's C stays large.
func checkWhole(L *lua.LState, at int) float64 { return truncated(checkNumber(L, at)) }

// optWhole is checkWhole for an optional argument.
func optWhole(L *lua.LState, at int, absent float64) float64 {
	if machine.OrNil(L.Get(at)) == lua.LNil {
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
