package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/suggest"
)

// reject ends the run with a refusal. It stops the meter as a timeout does, so no pcall can catch it.
func (vm *VM) reject(L *lua.LState) int {
	message, code := L.CheckString(1), L.OptString(2, "")
	if vm.meter.stop == nil {
		why := &Error{Kind: KindRejected, Message: clip(message, maxMessage), Code: clip(code, maxMessage)}
		why.locate(placeOf(L))
		vm.meter.end(why)
	}
	vm.meter.raise(L)
	return 0
}

func (vm *VM) logFunctions() map[string]lua.LGFunction {
	fns := map[string]lua.LGFunction{}
	for _, level := range []string{"debug", "info", "warn", "error"} {
		fns[level] = func(L *lua.LState) int {
			message := L.ToStringMeta(L.CheckAny(1)).String()
			vm.log(L, level, message, vm.logFields(L))
			return 0
		}
	}
	return fns
}

// logFields converts the optional second argument of a log function.
func (vm *VM) logFields(L *lua.LState) map[string]any {
	if L.Get(2) == lua.LNil {
		return nil
	}
	L.CheckTable(2)
	v, err := bridge.Free("fields", bridge.Wrap(L.Get(2)))
	if err != nil {
		L.RaiseError("%s", err.Error())
	}
	fields, ok := v.(map[string]any)
	if !ok {
		L.ArgError(2, "table with string keys expected, got a list")
	}
	return fields
}

func (vm *VM) log(L *lua.LState, level, message string, fields map[string]any) {
	vm.meter.charge(L, 10+len(message)/16)
	if vm.opts.Log != nil {
		vm.opts.Log(level, message, fields)
	}
}

func (vm *VM) print(L *lua.LState) int {
	parts := make([]string, L.GetTop())
	for i := range parts {
		parts[i] = L.ToStringMeta(L.Get(i + 1)).String()
	}
	vm.log(L, "info", strings.Join(parts, "\t"), nil)
	return 0
}

func (vm *VM) jsonEncode(L *lua.LState) int {
	v, err := bridge.Free("value", bridge.Wrap(L.CheckAny(1)))
	if err != nil {
		L.RaiseError("%s", err.Error())
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		L.RaiseError("%s", err.Error())
	}
	vm.meter.charge(L, text.Len()/16)
	L.Push(lua.LString(strings.TrimSuffix(text.String(), "\n")))
	return 1
}

func (vm *VM) jsonDecode(L *lua.LState) int {
	text := L.CheckString(1)
	vm.meter.charge(L, len(text)/4)
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		L.RaiseError("not JSON: %s", err.Error())
	}
	if dec.More() {
		L.RaiseError("not JSON: more text after the value, at byte %d", dec.InputOffset())
	}
	L.Push(bridge.Plain(v).Lua())
	return 1
}

// require loads a module into the script's own world, once.
func (s *Script) require(L *lua.LState) int {
	name := L.CheckString(1)
	if v, ok := s.modules[name]; ok {
		L.Push(v)
		return 1
	}
	p, ok := s.vm.opts.Modules[name]
	switch {
	case !ok:
		L.RaiseError("module %q not found in the scripts folder's lib%s", name, suggest.Hint(name, s.moduleNames()))
	case slices.Contains(s.loading, name):
		L.RaiseError("module %q requires itself: %s", name, strings.Join(append(s.loading, name), " -> "))
	}
	s.loading = append(s.loading, name)
	defer func() { s.loading = s.loading[:len(s.loading)-1] }()
	L.Push(s.function(p))
	L.Push(lua.LString(name))
	L.Call(1, 1)
	v := orNil(L.Get(-1))
	if v == lua.LNil {
		v = lua.LTrue
	}
	s.modules[name] = v
	L.Push(v)
	return 1
}

func (s *Script) moduleNames() []string {
	var names []string
	for name := range s.vm.opts.Modules {
		names = append(names, name)
	}
	return names
}

// callHost runs host code for a script, with a context that ends when the run must.
func (vm *VM) callHost(call func(context.Context)) {
	L := vm.active[len(vm.active)-1].thread
	vm.meter.startClock()
	ctx, cancel := context.WithDeadline(vm.meter.caller, vm.meter.deadline)
	defer cancel()
	if vm.opts.Around != nil {
		vm.opts.Around(ctx, call)
	} else {
		call(ctx)
	}
	vm.meter.check(L)
}
