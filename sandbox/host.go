package sandbox

import (
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/suggest"
)

// reject ends the run with a refusal. It stops the meter as a timeout does, so no pcall can catch it.
func (vm *VM) reject(L *lua.LState) int {
	message, code := checkText(L, 1), optText(L, 2, "")
	if vm.meter.stop == nil {
		why := &Error{Kind: KindRejected, Message: clip(message, maxMessage), Code: clip(code, maxMessage)}
		why.locate(vm.where())
		vm.meter.end(why)
	}
	vm.meter.raise(L)
	return 0
}

func (vm *VM) logFunctions() map[string]lua.LGFunction {
	fns := map[string]lua.LGFunction{}
	for _, level := range []string{"debug", "info", "warn", "error"} {
		fns[level] = func(L *lua.LState) int {
			message := textOf(L, checkAny(L, 1))
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
	checkTable(L, 2)
	v, err := bridge.Free("fields", bridge.Wrap(L.Get(2)), &vm.meter)
	if err != nil {
		raise(L, "%s", err.Error())
	}
	fields, ok := v.(map[string]any)
	if !ok {
		badArgument(L, 2, "table with string keys expected, got a list")
	}
	return fields
}

const (
	maxLogged = 1 << 20 // bytes that one run may log, of messages and fields together
	logCost   = 10      // of a line in instructions, beside its text
)

func (vm *VM) log(L *lua.LState, level, message string, fields map[string]any) {
	n := len(message) + weight(fields)
	vm.meter.charge(L, logCost)
	vm.making(L, n)
	if vm.logged += n; vm.logged > maxLogged {
		raise(L, "logs more than %s in one run", formatBytes(maxLogged))
	}
	if vm.opts.Log != nil {
		vm.opts.Log(level, message, fields)
	}
}

func (vm *VM) print(L *lua.LState) int {
	line := builder{vm: vm, L: L}
	for i := range L.GetTop() {
		if i > 0 {
			line.write("\t")
		}
		line.write(textOf(L, L.Get(i+1)))
	}
	vm.log(L, "info", string(line.finish()), nil)
	return 0
}

// weight is about how long free-form data is as text. A table may hold one long string many times.
func weight(v any) int {
	n := 8
	switch x := v.(type) {
	case string:
		n += len(x)
	case []any:
		for _, item := range x {
			n += weight(item)
		}
	case map[string]any:
		for k, item := range x {
			n += len(k) + weight(item)
		}
	}
	return n
}

// maxModuleName is the length in bytes of the longest name that is looked for, and shown.
const maxModuleName = 200

// require loads a module into the script's own world, once.
func (s *Script) require(L *lua.LState) int {
	name := checkText(L, 1)
	if v, ok := s.modules[name]; ok {
		L.Push(v)
		return 1
	}
	p, ok := s.vm.opts.Modules[name]
	switch {
	case len(name) > maxModuleName:
		raise(L, "want the name of a module, got a text of %d bytes", len(name))
	case !ok:
		raise(L, "module %q not found in the scripts folder's lib%s", name, suggest.Hint(name, s.moduleNames()))
	case slices.Contains(s.loading, name):
		raise(L, "module %q requires itself: %s", name, strings.Join(append(s.loading, name), " -> "))
	case p.broken != nil:
		s.vm.raiseBroken(L, p)
	}
	s.loading = append(s.loading, name)
	defer func() { s.loading = s.loading[:len(s.loading)-1] }()
	s.greedy = s.greedy || p.greedy
	s.required = append(s.required, p)
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

// raiseBroken raises why a module cannot run, with its own place where there is one.
func (vm *VM) raiseBroken(L *lua.LState, p *Program) {
	message := p.broken.Error()
	if at, ok := p.broken.(*Error); !ok || at.Line == 0 {
		vm.fail(L, 1, fmt.Sprintf("%s: %s", p.name, message))
	}
	L.Error(lua.LString(message), 0)
}

func (s *Script) moduleNames() []string {
	var names []string
	for name := range s.vm.opts.Modules {
		names = append(names, name)
	}
	return names
}
