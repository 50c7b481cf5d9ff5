// Package args reads a library function's arguments as Lua 5.1 does: a string that spells a number serves as a number,
// and a number serves as a string; a missing argument is told apart from nil; and an error names the function as its
// caller wrote it.
//
// Each function reads the argument at an index, and raises an error where it is not what is wanted. The functions that
// begin with Opt return another value where the argument is missing or nil.
package args

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/machine"
)

// Bad raises the error for an argument. The first argument of a method is the value that it is called on.
func Bad(L *lua.LState, at int, problem string) {
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
	Bad(L, at, want+" expected, got "+got)
}

// Any reads a value that must be there.
func Any(L *lua.LState, at int) lua.LValue {
	if at > L.GetTop() {
		Bad(L, at, "value expected")
	}
	return machine.OrNil(L.Get(at))
}

// Table reads a table.
func Table(L *lua.LState, at int) *lua.LTable {
	t, ok := L.Get(at).(*lua.LTable)
	if !ok {
		wrongType(L, at, "table")
	}
	return t
}

// Function reads a function.
func Function(L *lua.LState, at int) *lua.LFunction {
	fn, ok := L.Get(at).(*lua.LFunction)
	if !ok {
		wrongType(L, at, "function")
	}
	return fn
}

// Text reads a string, or a number as one.
func Text(L *lua.LState, at int) string {
	s, ok := machine.PlainText(L, L.Get(at))
	if !ok {
		wrongType(L, at, "string")
	}
	return s
}

// OptText is [Text] for an argument that may be missing.
func OptText(L *lua.LState, at int, absent string) string {
	if machine.OrNil(L.Get(at)) == lua.LNil {
		return absent
	}
	return Text(L, at)
}

// Number reads a number, or a string that spells one.
func Number(L *lua.LState, at int) float64 {
	if n, ok := L.Get(at).(lua.LNumber); ok {
		return float64(n)
	}
	n, ok := machine.PlainNumber(L, L.Get(at))
	if !ok {
		wrongType(L, at, "number")
	}
	return n
}

// Whole reads a number and cuts off its fraction. A number that would overflow in Lua's C stays large.
func Whole(L *lua.LState, at int) float64 { return truncated(Number(L, at)) }

// OptWhole is [Whole] for an argument that may be missing.
func OptWhole(L *lua.LState, at int, absent float64) float64 {
	if machine.OrNil(L.Get(at)) == lua.LNil {
		return absent
	}
	return Whole(L, at)
}

func truncated(n float64) float64 {
	n = math.Trunc(n)
	if math.IsNaN(n) {
		return 0
	}
	return n
}

// Int is [Whole], clamped to the range of a C int.
func Int(L *lua.LState, at int) int { return toInt(Whole(L, at)) }

// OptInt is [Int] for an argument that may be missing.
func OptInt(L *lua.LState, at, absent int) int { return toInt(OptWhole(L, at, float64(absent))) }

func toInt(n float64) int { return int(min(max(n, math.MinInt32), math.MaxInt32)) }
