package sandbox

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// Watch is told of all that VMs execute: see [Options]. A VM without one pays nothing for that.
type Watch interface {
	// Compiled is told of each program that the VMs may load, with its file and source, by whoever compiles them.
	Compiled(p *Program, path, source string)
	// Watcher makes what is told of one VM. Frames goes through the call frames of the functions that run in the VM,
	// innermost first, those of the library among them.
	Watcher(frames func(yield func(*machine.CallFrame) bool)) Watcher
}

// Watcher is told what one VM does, by whichever goroutine has the VM.
type Watcher interface {
	// Begin is told that a run begins, and whether it loads a script.
	Begin(loads bool)
	// Step is told of an instruction, before it is executed: that before the Pc of the thread's current frame. Used is how
	// many instructions the run has used by then, this one included. What the library did since the last step, and what it
	// counted for that, belongs to the instruction that was told last.
	Step(L *lua.LState, used int64)
	// Raised is told that an error ends all functions that run on a thread, whose frames still stand.
	Raised(L *lua.LState)
	// End is told that the run has ended, and how many instructions it has used.
	End(used int64)
	// Aside is told that the VM works for another run until [Watcher.Back] is given what Aside returned. Used is what the
	// run has used so far.
	Aside(used int64) any
	Back(state any)
}

// watch makes the VM watched.
func (vm *VM) watch(w Watch) {
	vm.watcher = w.Watcher(vm.frames)
	vm.watchEach(func(L *lua.LState, _ *machine.CallFrame) {
		m := &vm.meter
		if m.lookIfDue() != nil {
			m.raise(L)
		}
		vm.watcher.Step(L, m.used())
	})
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

// tellEnded tells a batch that its run has ended, and the watcher before it.
func (vm *VM) tellEnded(b Batch, returned bridge.Value, err error) {
	if vm.watcher != nil {
		vm.watcher.End(vm.meter.used())
	}
	b.Ended(returned, err)
}
