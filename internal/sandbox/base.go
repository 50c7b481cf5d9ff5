package sandbox

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// The functions of this file are Lua's own, rewritten because they must know whose metatable of strings it is, and
// where errors come from.

// getMetatable hands out the metatables of tables and strings only: those of other types belong to the whole VM.
func (vm *VM) getMetatable(L *lua.LState) int {
	v := args.Any(L, 1)
	mt := L.GetMetatable(v)
	table, _ := v.(*lua.LTable)
	switch t := v.Type(); {
	case table != nil && bridge.Of(table).IsView():
		mt = lua.LNil // to scripts a view is a plain table, so that setmetatable(copy, getmetatable(view)) works
	case mt == vm.strings:
		mt = vm.running.strings
	case t != lua.LTTable && t != lua.LTString && mt != lua.LNil:
		mt = lua.LFalse
	}
	L.Push(mt)
	return 1
}

// raiseError is Lua's error.
func (vm *VM) raiseError(L *lua.LState) int {
	v, level := L.Get(1), args.OptInt(L, 2, 1)
	if s, ok := machine.PlainText(L, v); ok && level > 0 {
		vm.fail(L, level, s)
	}
	vm.asIs = true
	L.Error(v, 0)
	return 0
}

// fail raises a message, which a script may have made long, preceded by the place of the function at a level.
func (vm *VM) fail(L *lua.LState, level int, message string) {
	place := vm.position(level)
	if place != "" {
		vm.std.Making(L, len(place)+len(message))
	}
	vm.asIs = true
	L.Error(lua.LString(place+message), 0)
}

func (vm *VM) assert(L *lua.LState) int {
	if !lua.LVIsFalse(args.Any(L, 1)) {
		return L.GetTop()
	}
	switch message := L.Get(2); {
	case message == lua.LNil:
		machine.Raise(L, "assertion failed!")
	case lua.LVCanConvToString(message):
		vm.fail(L, 1, machine.TextOf(L, message))
	default:
		L.Error(message, 0)
	}
	return 0
}
