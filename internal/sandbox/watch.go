package sandbox

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/machine"
)

// Watch is told of all that VMs execute: see [Options]. A VM without one pays nothing for that.
type Watch interface {
	// Compiled is told of each program that the VMs may load, with its file and source, by whoever compiles them.
	Compiled(p *Program, path, source string)
	// Watcher makes what is told of one VM.
	Watcher(vm *VM) Watcher
}

// Watcher is told what one VM does, by whichever goroutine has the VM.
type Watcher interface {
	// Begin is told that a run begins, and whether it loads a script.
	Begin(loads bool)
	// Step is told of an instruction, before it is executed: that before the Pc of the thread's current frame. The
	// instruction is among those that the run has spent. What else was spent since the last step was spent by the library,
	// for the instruction that was told last.
	Step(L *lua.LState, by Spent)
	// Raised is told that an error ends all functions that run on a thread, whose frames still stand.
	Raised(L *lua.LState)
	// End is told that the run has ended. It may not have begun, where its script could not be loaded again.
	End(by Spent)
	// Aside is told that the VM works for another run until [Watcher.Back] is given what Aside returned.
	Aside(by Spent) any
	Back(state any, by Spent)
}

// Spent is what the run has spent so far.
type Spent struct {
	Instructions int64
	Bytes        int64 // that the library took, counted from some time before the run
}

func (vm *VM) spent() Spent { return Spent{vm.meter.used(), vm.memory.all} }

// Frames goes through the call frames of the functions that run in the VM, innermost first, those of the library among
// them.
func (vm *VM) Frames(yield func(*machine.CallFrame) bool) { framesOf(vm.active)(yield) }

// NameOf is how scripts call a function of the library; "" for one that has no name of its own.
func (vm *VM) NameOf(fn *lua.LFunction) string {
	if fn == vm.lib.concat {
		return ".."
	}
	for name, v := range vm.lib.globals {
		if v == lua.LValue(fn) {
			return name
		}
	}
	for table, members := range vm.lib.tables {
		for name, v := range members {
			if v == lua.LValue(fn) {
				return table + "." + name
			}
		}
	}
	return ""
}

// watch makes the VM watched.
func (vm *VM) watch(w Watch) {
	vm.watcher = w.Watcher(vm)
	vm.watchEach(func(L *lua.LState, _ *machine.CallFrame) {
		m := &vm.meter
		if m.lookIfDue() != nil {
			m.raise(L)
		}
		vm.watcher.Step(L, vm.spent())
	})
}

// watchEnd tells what watches the VM, if anything does, that a run has ended.
func (vm *VM) watchEnd() {
	if vm.steps != nil {
		vm.steps.end()
	}
	if vm.watcher != nil {
		vm.watcher.End(vm.spent())
	}
}

// watchEach lets a function be called before each instruction, after those that are called already. It has to look when
// a look is due.
func (vm *VM) watchEach(step func(*lua.LState, *machine.CallFrame)) {
	m := &vm.meter
	if before := m.Watch; before != nil {
		after := step
		step = func(L *lua.LState, base *machine.CallFrame) {
			before(L, base)
			after(L, base)
		}
	}
	m.Watch, m.alarm.always = step, true
	m.Due.Store(true)
}

// lookIfDue is look, where one would be due if the VM were not watched.
func (m *meter) lookIfDue() <-chan struct{} {
	if m.Left >= 0 && !m.alarm.rings() {
		return nil
	}
	return m.look()
}
