package sandbox

import (
	"fmt"
	"math"
	"os"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/bytecode"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/retained"
)

// stepwise watches the main loop of a VM. At each instruction that the loop would execute in its own way, it records
// the whole state of the thread, lets the shortcut execute the instruction, and goes back. Then it executes the
// instruction with the function that the loop has for all other cases, which is gopher-lua's own except for operators,
// and compares: every place of the stack, also above the top, the call frames, the variables that closures share,
// whatever else is in the thread and its VM's globals, and what the meter was told. Then it goes back again and lets
// the loop go on, and compares once more when the loop comes to the next instruction. At the end of each run it looks
// whether any script keeps a view that is taken to be out of reach.
//
// With the build tag "stepwise" all VMs are watched, and a difference ends the process. Tests watch VMs of their own
// without the tag.
//
// What a shortcut does to a Go value behind a view cannot be taken back, so the function that comes second finds it
// done. That the shortcut does nothing else is left to the tests that compare what whole programs commit. What no
// function of gopher-lua reads is not compared: call frames above those in use, and the place where its allocator of
// numbers is.
type stepwise struct {
	vm       *VM
	differs  func(where, what string)
	compared [lua.OP_NOP + 1]int // how often, by instruction
	thread   *lua.LState         // at whose next instruction the state must be as theirs; nil for none
	fn       *lua.LFunction      // whose instruction is compared
	pc       int                 // of that

	before, ours, theirs threadState
}

// watchSteps makes a VM watched. Differences are told to a function, with the source line and the instruction.
func watchSteps(vm *VM, differs func(where, what string)) *stepwise {
	c := &stepwise{vm: vm, differs: differs}
	vm.watchEach(c.step)
	vm.steps = c
	return c
}

// endProcess reports a difference in a build that watches all VMs, and ends the process.
func endProcess(where, what string) {
	fmt.Fprintf(os.Stderr, "%s: a shortcut of the main loop and gopher-lua differ: %s\n", where, what)
	os.Exit(3)
}

// end is called at the end of each run: what scripts keep must not hold views that serve again for the next call.
func (c *stepwise) end() {
	w := retained.Walk{Limit: math.MaxInt64, Met: func(view bridge.Table) {
		if !view.Escaped() {
			c.differs(c.vm.running.program.name, "a view that a script keeps was to serve again")
		}
	}}
	for _, s := range c.vm.scripts {
		s.startWalk(&w)
	}
	w.Sum()
}

// step is called before each instruction.
func (c *stepwise) step(L *lua.LState, base *machine.CallFrame) {
	c.look(L)
	cf := *machine.CurrentOf(L)
	inst := bytecode.Instruction(cf.Fn.Proto.Code[cf.Pc-1])
	op := inst.Op()
	if c.thread != L && !hasShortcut(op) {
		return
	}
	c.before.take(L, &c.vm.meter)
	c.met(L)
	c.fn, c.pc = cf.Fn, cf.Pc-1
	if !hasShortcut(op) {
		return
	}
	done, leaves := c.shortcut(L, inst, base)
	if !done {
		return
	}
	c.compared[op]++
	c.ours.take(L, &c.vm.meter)
	c.restore(L)
	left := machine.Steps[op](L, inst, base) == 1
	c.theirs.take(L, &c.vm.meter)
	c.restore(L)
	machine.StackOf(L).Unmake(c.before.made)
	if mayUseViews(op) {
		c.payOnce()
	}
	if left != leaves {
		c.report(fmt.Sprintf("the loop is left: want %v", left))
	}
	if what := c.theirs.difference(&c.ours); what != "" && !inLoop(op) {
		c.report(what)
	}
	if !left {
		c.thread = L
	}
}

// mayUseViews reports whether an instruction may do work on a view that need not be done again.
func mayUseViews(op int) bool {
	return op == lua.OP_GETTABLE || op == lua.OP_SETTABLE || op == lua.OP_SETTABLEKS || op == lua.OP_CALL || op == lua.OP_TFORLOOP
}

// payOnce counts what only the first of two executions had to do, such as sorting the keys of a map.
func (c *stepwise) payOnce() {
	if more := c.ours.used - c.theirs.used; more > 0 {
		c.theirs.used += more
		c.vm.meter.Left -= more
	}
	c.vm.meter.memory, c.theirs.meter.memory = c.ours.meter.memory, c.ours.meter.memory
}

// inLoop reports whether an instruction is done by the loop itself.
func inLoop(op int) bool {
	return op == lua.OP_MOVE || op == lua.OP_JMP || op == lua.OP_LOADK || op == lua.OP_GETUPVAL
}

func hasShortcut(op int) bool {
	return machine.Shortcuts[op] != nil || inLoop(op) || op == lua.OP_RETURN
}

// report tells of a difference.
func (c *stepwise) report(what string) {
	proto := c.fn.Proto
	c.differs(fmt.Sprintf("%s:%d: instruction %d", proto.SourceName, proto.DbgSourcePositions[c.pc], bytecode.Instruction(proto.Code[c.pc]).Op()), what)
}

// look lets the meter look when it would look without a watch.
func (c *stepwise) look(L *lua.LState) {
	if m := &c.vm.meter; m.lookIfDue() != nil {
		c.thread = nil
		m.raise(L)
	}
}

// shortcut executes an instruction by its shortcut, and reports whether that could, and whether the loop is left then.
// One that cannot must have changed nothing.
func (c *stepwise) shortcut(L *lua.LState, inst bytecode.Instruction, base *machine.CallFrame) (done, leaves bool) {
	op, r, cf := inst.Op(), machine.StackOf(L), *machine.CurrentOf(L)
	switch {
	case inLoop(op):
		return true, false
	case op != lua.OP_RETURN:
		done = machine.Shortcuts[op](r, L, cf, inst)
	case base == nil && r.Leave(L, cf, inst):
		return true, true
	default:
		done = r.Back(L, cf, inst, base)
	}
	if done {
		return true, false
	}
	c.ours.take(L, &c.vm.meter)
	if what := c.before.difference(&c.ours); what != "" && c.vm.meter.stop == nil {
		c.report("nothing was to be done: " + what)
	}
	c.restore(L)
	return false, false
}

// met compares what the loop did with what gopher-lua did before.
func (c *stepwise) met(L *lua.LState) {
	if c.thread != L {
		return
	}
	c.thread = nil
	want := &c.theirs
	want.pc++
	want.used++
	want.meter = c.before.meter // the meter may have looked
	if what := want.difference(&c.before); what != "" {
		c.report("in the loop: " + what)
	}
}

// threadState is all that an instruction may change.
type threadState struct {
	slots, array []lua.LValue // the values on the stack, and where they are
	top          int
	frames       []machine.CallFrame // without the Pc of the function that runs
	pc           int
	shared       []machine.Upvalue
	thread       [unsafe.Sizeof(lua.LState{})]byte
	globals      [unsafe.Sizeof(lua.Global{})]byte
	used         int64
	meter        told
	made         []float64 // the slab of numbers
}

// take records the state of a thread.
func (s *threadState) take(L *lua.LState, m *meter) {
	r, calls := machine.StackOf(L), machine.CallsOf(L)
	s.slots, s.array, s.top = append(s.slots[:0], r.Array...), r.Array, r.Top
	s.frames = append(s.frames[:0], calls.Array[:calls.Sp]...)
	s.pc = 0
	if n := len(s.frames); n > 0 {
		s.pc, s.frames[n-1].Pc = s.frames[n-1].Pc, 0
	}
	s.shared = s.shared[:0]
	for u := (*machine.Upvalue)(unsafe.Pointer(*machine.SharedOn(L))); u != nil; u = u.Next {
		s.shared = append(s.shared, *u)
	}
	s.thread = *(*[unsafe.Sizeof(lua.LState{})]byte)(unsafe.Pointer(L))
	s.globals = *(*[unsafe.Sizeof(lua.Global{})]byte)(unsafe.Pointer(L.G))
	s.used, s.made = m.used(), r.Made()
	s.meter = told{m.Left, m.granted, m.looks, m.memory, m.spent, m.busy, m.stop}
}

// told is what a meter was told.
type told struct {
	left, granted int64
	looks         int
	memory        memory
	spent         int64
	busy          bool
	stop          *Error
}

// restore takes a thread back to the state before. A shortcut changes a variable that closures share only by way of the
// stack.
func (c *stepwise) restore(L *lua.LState) {
	s, r, calls, m := &c.before, machine.StackOf(L), machine.CallsOf(L), &c.vm.meter
	r.Array, r.Top = s.array, s.top
	copy(r.Array, s.slots)
	calls.Sp = copy(calls.Array, s.frames)
	*machine.CurrentOf(L) = calls.Top()
	calls.Top().Pc = s.pc
	m.Left, m.granted, m.looks = s.meter.left, s.meter.granted, s.meter.looks
	m.memory, m.spent, m.busy, m.stop = s.meter.memory, s.meter.spent, s.meter.busy, s.meter.stop
}

// difference says where another state differs from this one.
func (s *threadState) difference(got *threadState) string {
	switch {
	case s.top != got.top:
		return fmt.Sprintf("the top of the stack is %d, want %d", got.top, s.top)
	case len(s.slots) != len(got.slots) || unsafe.SliceData(s.array) != unsafe.SliceData(got.array):
		return fmt.Sprintf("the stack has %d places, want %d", len(got.slots), len(s.slots))
	case len(s.frames) != len(got.frames):
		return fmt.Sprintf("%d calls, want %d", len(got.frames), len(s.frames))
	case s.pc != got.pc:
		return fmt.Sprintf("goes on at instruction %d, want %d", got.pc, s.pc)
	case len(s.shared) != len(got.shared):
		return fmt.Sprintf("%d shared variables, want %d", len(got.shared), len(s.shared))
	case s.thread != got.thread || s.globals != got.globals:
		return "the thread itself"
	case s.used != got.used:
		return fmt.Sprintf("%d instructions were used, want %d", got.used, s.used)
	case s.meter.memory.unseen() != got.meter.memory.unseen() || s.meter.memory.told != got.meter.memory.told:
		return fmt.Sprintf("%+v is held, want %+v", got.meter.memory, s.meter.memory)
	}
	for i, want := range s.slots {
		if !sameValue(want, got.slots[i]) {
			return fmt.Sprintf("place %d of the stack, whose top is %d, has %v, want %v", i, s.top, got.slots[i], want)
		}
	}
	for i, want := range s.frames {
		if got.frames[i] != want {
			return fmt.Sprintf("call %d is %+v, want %+v", i, got.frames[i], want)
		}
	}
	for i, want := range s.shared {
		if got := got.shared[i]; got.Index != want.Index || got.Closed != want.Closed || !sameValue(want.Value, got.Value) {
			return fmt.Sprintf("shared variable %d is %+v, want %+v", i, got, want)
		}
	}
	return ""
}

// sameValue is equality that tells 0 from -0, and lets NaN be NaN.
func sameValue(a, b lua.LValue) bool {
	if *(*[2]uintptr)(unsafe.Pointer(&a)) == *(*[2]uintptr)(unsafe.Pointer(&b)) { // interfaces: their types and their values
		return true
	}
	x, ok := a.(lua.LNumber)
	y, both := b.(lua.LNumber)
	if ok && both {
		return math.Float64bits(float64(x)) == math.Float64bits(float64(y))
	}
	return a == b
}
