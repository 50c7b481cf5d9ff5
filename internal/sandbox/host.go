package sandbox

import (
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/suggest"
)

// reject ends the run with a refusal. It stops the meter as a timeout does, so no pcall can catch it.
func (vm *VM) reject(L *lua.LState) int {
	message, code := args.Text(L, 1), args.OptText(L, 2, "")
	if vm.meter.stop == nil {
		why := &Error{Kind: KindRejected, Message: plaintext.Clip(message, maxMessage), Code: plaintext.Clip(code, maxMessage)}
		why.locate(vm.where())
		vm.meter.end(why)
	}
	vm.meter.raise(L)
	return 0
}

// refused ends the run because what it did cannot be kept, or what it asks is not known. No pcall can catch that.
func (vm *VM) refused(L *lua.LState, why *effect.Error) {
	if vm.meter.stop == nil {
		kind := KindStore
		if why.Code == effect.CodeNoAnswer {
			kind = KindAnswer
		}
		stop := vm.meter.stopped(kind, why.Err, "%s", why.Message)
		stop.Code = why.Code
		vm.meter.end(stop)
	}
	vm.meter.raise(L)
}

// maxModuleName is the length, in bytes, of the longest module name that is looked for, and shown.
const maxModuleName = 200

// require loads a module into an environment of the script, once.
func (s *Script) require(L *lua.LState, w *environment) int {
	name := args.Text(L, 1)
	if v, ok := w.modules[name]; ok {
		L.Push(v)
		return 1
	}
	p, ok := s.vm.opts.Modules[name]
	switch {
	case len(name) > maxModuleName:
		machine.Raise(L, "want the name of a module, got a text of %d bytes", len(name))
	case !ok:
		s.noModule(L, name)
	case slices.Contains(s.loading, name):
		machine.Raise(L, "module %q requires itself: %s", name, strings.Join(append(s.loading, name), " -> "))
	case p.broken != nil:
		s.vm.raiseBroken(L, p)
	}
	s.loading = append(s.loading, name)
	defer func() { s.loading = s.loading[:len(s.loading)-1] }()
	s.greedy = s.greedy || p.greedy
	if !slices.Contains(w.required, p) { // where it failed before, it is there
		w.required = append(w.required, p)
	}
	fn := s.function(p)
	fn.Env = w.env
	L.Push(fn)
	L.Push(lua.LString(name))
	L.Call(1, 1)
	v := machine.OrNil(L.Get(-1))
	if v == lua.LNil {
		v = lua.LTrue
	}
	w.modules[name] = v
	L.Push(v)
	return 1
}

// raiseBroken raises the reason why a module cannot run, with the place in the module where it has one.
func (vm *VM) raiseBroken(L *lua.LState, p *Program) {
	message := p.broken.Error()
	if at, ok := p.broken.(*Error); !ok || at.Line == 0 {
		vm.fail(L, 1, fmt.Sprintf("%s: %s", p.name, message))
	}
	L.Error(lua.LString(message), 0)
}

// noModule raises the error for a module that does not exist, with a hint at what the script may want.
func (s *Script) noModule(L *lua.LState, name string) {
	if advice, ok := removed[name]; ok {
		machine.Raise(L, "%s is not available in hooks: %s", name, advice)
	}
	hint := suggest.Hint(name, s.moduleNames())
	_, library := s.vm.lib.tables[name]
	if _, object := s.vm.lib.objects[name]; library || object {
		hint = fmt.Sprintf(": %s is a global, which nobody requires", name)
	}
	machine.Raise(L, "module %q not found in the scripts folder's lib%s", name, hint)
}

func (s *Script) moduleNames() []string {
	var names []string
	for name := range s.vm.opts.Modules {
		names = append(names, name)
	}
	return names
}
