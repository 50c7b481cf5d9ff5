package sandbox

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

func (vm *VM) jsonEncode(L *lua.LState) int {
	text, err := bridge.Wrap(checkAny(L, 1)).EncodeJSON("value", &vm.meter)
	if err != nil {
		raise(L, "%s", err.Error())
	}
	L.Push(lua.LString(text))
	return 1
}

func (vm *VM) jsonDecode(L *lua.LState) int {
	v, err := bridge.DecodeJSON(checkText(L, 1), &vm.meter)
	if err != nil {
		raise(L, "%s", err.Error())
	}
	L.Push(v.Lua())
	return 1
}
