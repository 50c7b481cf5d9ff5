// Package stdlib is the part of Lua's standard library that needs no more of the VM than a [Host] that bounds it.
// gopher-lua's own library does not know views, and runs without end or limit on some arguments.
package stdlib

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/pattern"
)

// Host counts the memory that the library takes for a script, and the work of conversions and of what is kept.
type Host interface {
	bridge.Meter
	// Allocate is told of n bytes that a function is about to take. It raises an error when the function cannot have them.
	Allocate(L *lua.LState, n int)
	// Hold is Allocate for memory that no Lua value shows while a function works on it.
	Hold(L *lua.LState, n int)
	// Release ends the hold of n bytes. A negative n holds bytes again that were taken before.
	Release(n int)
	// Keep is Hold for memory that is held until the run ends, whatever function or thread asks for it. A negative n gives
	// some of it back.
	Keep(L *lua.LState, n int)
	// Prepare charges n instructions for work whose result the VM keeps for all its runs.
	Prepare(L *lua.LState, n int)
}

// Library is the library of one VM. Its functions charge their work to the budget.
type Library struct {
	*machine.Budget
	Host
	Now   func(L *lua.LState) time.Time
	Clock func(L *lua.LState) float64 // of the process, in seconds

	patterns pattern.Cache
	matchers []*matcher // those that are idle
	buffers  [][]byte   // where texts are built; those in use are not here
}

// Functions returns the functions by the table that they are in; the globals are in "".
func (l *Library) Functions() map[string]map[string]lua.LGFunction {
	return map[string]map[string]lua.LGFunction{
		"": {
			"rawequal": rawEqual, "rawget": rawGet, "rawset": l.rawSet, "select": selectFrom, "setmetatable": setMetatable,
			"tonumber": l.toNumber, "tostring": toString, "unpack": unpack,
		},
		"string": l.stringFunctions(),
		"table":  l.tableFunctions(),
		"math":   mathFunctions(),
		"os":     {"clock": l.clock, "date": l.date, "time": l.time, "difftime": diffTime},
		"json":   {"encode": l.jsonEncode, "decode": l.jsonDecode},
	}
}

// Intrinsics returns the global functions that all VMs share.
func Intrinsics() map[string]lua.LValue {
	return map[string]lua.LValue{"ipairs": ipairs, "next": next, "pairs": pairs, "type": typeOf}
}
