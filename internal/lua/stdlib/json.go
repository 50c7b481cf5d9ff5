package stdlib

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

func (l *Library) jsonEncode(L *lua.LState) int {
	b := l.newBuilder(L)
	text, err := bridge.Wrap(args.Any(L, 1)).AppendJSON(b.text, "value", l.Host)
	if err != nil {
		machine.Raise(L, "%s", err.Error())
	}
	b.replace(text)
	L.Push(b.finish())
	return 1
}

func (l *Library) jsonDecode(L *lua.LState) int {
	v, err := bridge.DecodeJSON(args.Text(L, 1), l.Host)
	if err != nil {
		machine.Raise(L, "%s", err.Error())
	}
	L.Push(v.Lua())
	return 1
}
