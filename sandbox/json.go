package sandbox

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

func (vm *VM) jsonEncode(L *lua.LState) int {
	text, err := bridge.EncodeJSON("value", bridge.Wrap(L.CheckAny(1)), &vm.meter)
	if err != nil {
		L.RaiseError("%s", err.Error())
	}
	L.Push(lua.LString(text))
	return 1
}

func (vm *VM) jsonDecode(L *lua.LState) int {
	v, err := bridge.DecodeJSON(L.CheckString(1), &vm.meter)
	if err != nil {
		L.RaiseError("%s", err.Error())
	}
	L.Push(v.Lua())
	return 1
}
