package sandbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/bytecode"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/plaintext"
)

// Run calls a function of a script and returns its first result. The error, if any, is an *[Error].
//
// The caller's context ends the run as the timeout does. Host methods get that context, with the deadline of the run.
func (vm *VM) Run(ctx context.Context, lim *Limits, fn *Function, args ...bridge.Value) (bridge.Value, error) {
	one := oneRun{fn: fn, lim: lim}
	vm.RunBatch(ctx, &one, args)
	return one.returned, one.err
}

// Batch is a sequence of runs, one after the other.
type Batch interface {
	// Next returns the function that runs next, and its limits; nil when no run is left.
	Next() (*Function, *Limits)
	// Ended is told what the run returned, or its error, which is an *[Error].
	Ended(returned bridge.Value, err error)
}

// RunBatch makes runs as [VM.Run] does. They are protected together, since protection is what costs most in a short
// run. They have their arguments in common, which the batch may change between two runs.
func (vm *VM) RunBatch(ctx context.Context, b Batch, args []bridge.Value) {
	if len(vm.active) > 0 {
		vm.runInside(ctx, b, args)
		return
	}
	vm.meter.attend(ctx)
	vm.args = args
	for fn, thrown := vm.stretch(b); fn != nil; fn, thrown = vm.stretch(b) {
		vm.meter.finish()
		machine.Forget(vm.idle) // closures may still point into it
		vm.idle = nil
		err := vm.ended(fn.script, thrown, fn.script.settled(&vm.meter))
		vm.watchEnd()
		b.Ended(bridge.Value{}, err)
		if vm.memory.left {
			vm.memory.collectBehind()
		}
	}
	vm.args, vm.returned = nil, nil
}

// runInside is [VM.RunBatch] inside another batch, which loads a script again.
func (vm *VM) runInside(ctx context.Context, b Batch, args []bridge.Value) {
	defer vm.takeUp(vm.setAside())
	vm.RunBatch(ctx, b, args)
}

// run is all that belongs to a batch that is under way, and to the run that it is at. So a VM whose run waits for host
// code can work for another batch: it has only to point to the other's.
type run struct {
	allowance
	idle     *lua.LState    // the thread of its runs, whose last one ended normally; nil for none
	active   []activation   // the threads now running, each started by the one before it
	logged   int            // bytes that the run logged
	running  *Script        // whose function runs, or ran last
	stepping *Function      // that runs; nil for none
	args     []bridge.Value // of the runs: what a run wrote into them counts, even when it dropped them
	returned lua.LValue     // what the last run of the batch returned, until the next one begins; nil for nothing
	giveUp   func()         // ends the context of the host code for which the run waits; nil for none
	away     struct {       // while the VM works for another
		state      *lua.LState           // of the VM, the base
		current    *lua.LState           // gopher-lua's current thread
		methods    map[string]lua.LValue // of strings
		used       int64                 // instructions
		holds      int64                 // bytes, besides the globals
		unmeasured int64                 // bytes of these that the run may hold or not
		globals    *environment          // that the run was set aside with; nil for a run that has not begun
		tx         *bridge.Tx            // of the call
		watched    any                   // what the VM's watcher knows
	}
}

func newRun() *run { return &run{allowance: allowance{limits: &Limits{}}} }

// activation is a running thread and what started it.
type activation struct {
	thread   *lua.LState
	kind     activationKind
	building int64 // what library functions were building when it began
}

type activationKind uint8

const (
	hookThread activationKind = iota
	guardThread
	coroutineThread
)

// setAside makes the VM free for another run, and returns the one that it has worked for.
func (vm *VM) setAside() *run {
	r := vm.run
	r.away.state, r.away.current = vm.base, vm.base.G.CurrentThread
	r.away.methods, r.away.used = machine.PartsOf(vm.strings).Strdict, vm.meter.used()
	if vm.watcher != nil {
		r.away.watched = vm.watcher.Aside(vm.spent())
	}
	vm.dropCurrent()
	r.away.unmeasured = 0
	if r.stepping != nil {
		if r.looks > 0 {
			r.away.unmeasured = r.memory.pause(vm)
		}
		r.away.holds, r.away.globals = r.memory.holds(r.limits)+r.away.unmeasured, r.running.environment
		r.away.tx = vm.meter.scalars.Tx()
		r.running.away += r.away.holds
	}
	vm.meter.finish()
	vm.waiting = append(vm.waiting, r)
	next := newRun()
	if n := len(vm.spare); n > 0 {
		next, vm.spare = vm.spare[n-1], vm.spare[:n-1]
	}
	vm.workFor(next)
	return r
}

// takeUp makes the VM work again for a run that was set aside.
func (vm *VM) takeUp(r *run) {
	if vm.idle != nil { // it may not be used again for long
		machine.Forget(vm.idle)
	}
	if len(vm.spare) < maxSpare {
		vm.spare = append(vm.spare, vm.run)
	}
	at := slices.Index(vm.waiting, r)
	vm.waiting = slices.Delete(vm.waiting, at, at+1)
	vm.workFor(r)
	r.resumed = true
	vm.meter.grant(r.away.used)
	vm.meter.alarm.call()
	if r.stepping != nil {
		r.running.away -= r.away.holds
		r.memory.resume(r.limits, r.running, r.away.globals)
		r.away.globals, r.away.tx = nil, nil
	} else if r.away.state != vm.base { // it was made anew
		r.idle = nil
	}
	r.away.state.G.CurrentThread = r.away.current
	machine.PartsOf(vm.strings).Strdict = r.away.methods
	r.away.state, r.away.current, r.away.methods = nil, nil, nil
	if vm.watcher != nil {
		vm.watcher.Back(r.away.watched, vm.spent())
	}
}

// maxSpare is how many runs that nothing uses are kept, each with a thread.
const maxSpare = 4

// workFor makes a run the one that the VM works for.
func (vm *VM) workFor(r *run) { vm.run, vm.meter.run = r, r }

// stretch makes runs until one of them raises something, and returns its function and what it raised; the function is
// nil when no run is left.
//
// The runs share a thread with a registry and a call stack of its own, which serves as long as calls on it end
// normally.
func (vm *VM) stretch(b Batch) (raised *Function, caught *thrown) {
	vm.activate(vm.idle, hookThread)
	defer func() {
		if raised = vm.stepping; raised == nil {
			vm.leave()
			return
		}
		vm.stepping = nil
		r := recover()
		if r != nil {
			caught = vm.caught(vm.idle, r)
		}
		vm.dropCurrent()
		vm.leave()
		if r == nil {
			err := vm.goroutineEnded(raised.script)
			vm.watchEnd()
			b.Ended(bridge.Value{}, err)
		}
	}()
	for fn, lim := b.Next(); fn != nil; fn, lim = b.Next() {
		returned, err := vm.execute(fn, lim)
		vm.watchEnd()
		b.Ended(returned, err)
		if vm.memory.left {
			vm.memory.collectBehind()
		}
	}
	return nil, nil
}

// execute makes the next run of a batch. Where the function raises something, [VM.stretch] catches it.
func (vm *VM) execute(fn *Function, lim *Limits) (bridge.Value, error) {
	r := vm.run
	r.running, r.logged, r.returned = fn.script, 0, nil
	if fn.fn == nil {
		vm.meter.begin(lim, fn.script) // what the last run used up is not this one's
		var err error
		if lim, err = fn.restore(vm.meter.caller, lim); err != nil {
			vm.meter.finish()
			return bridge.Value{}, err
		}
	}
	machine.PartsOf(vm.strings).Strdict = machine.PartsOf(fn.script.strings).Strdict
	vm.meter.begin(lim, fn.script)
	if vm.watcher != nil {
		vm.watcher.Begin(vm.Loading())
	}
	th := r.idle
	if th == nil {
		th = vm.ready()
	}
	r.stepping = fn
	vm.call(th, fn.fn, r.args)
	r.stepping = nil
	return vm.finish(th, fn.script)
}

// ready returns the thread of the batch that is running, and makes one where there is none.
func (vm *VM) ready() *lua.LState {
	if vm.idle == nil {
		vm.idle = vm.newThread()
	}
	vm.active[len(vm.active)-1].thread = vm.idle
	return vm.idle
}

// call calls a function on a thread that runs nothing, for one result.
func (vm *VM) call(th *lua.LState, fn *lua.LFunction, args []bridge.Value) {
	stack := machine.StackOf(th)
	if fn.IsG || fn.Proto.IsVarArg != 0 || max(len(args), int(fn.Proto.NumUsedRegisters)) >= len(stack.Array) {
		keeps := fn.IsG || machine.MakesArg(fn.Proto) // its arguments, without an instruction that tells of it
		th.Push(fn)
		for _, a := range args {
			if keeps {
				bridge.Escape(a.Lua())
			}
			th.Push(a.Lua())
		}
		th.Call(len(args), 1)
		return
	}
	// The same in fewer steps: a call through the library takes longer than a short function runs.
	stack.Array[0] = fn
	used := int(fn.Proto.NumUsedRegisters)
	registers := stack.Array[1 : 1+max(len(args), used)]
	given := min(len(args), int(fn.Proto.NumParameters))
	for i := range registers {
		if i < given {
			registers[i] = args[i].Lua()
		} else {
			registers[i] = lua.LNil
		}
	}
	stack.Top = 1 + used
	calls := machine.CallsOf(th)
	calls.Array[0] = machine.CallFrame{Fn: fn, LocalBase: 1, NArgs: len(args), NRet: 1}
	calls.Sp = 1
	(*machine.LoopOf(th))(th, nil)
}

// finish takes the result of a call that has returned.
func (vm *VM) finish(th *lua.LState, s *Script) (bridge.Value, error) {
	vm.meter.finish()
	r, ret := vm.run, machine.StackOf(th).Take()
	r.returned = ret
	if settled := s.settled(&vm.meter); r.stop != nil || !settled {
		if err := vm.ended(s, nil, settled); err != nil {
			return bridge.Value{}, err
		}
	}
	return bridge.Wrap(ret), nil
}

// oneRun is a batch of one run.
type oneRun struct {
	fn       *Function // nil when it is under way
	lim      *Limits
	returned bridge.Value
	err      error
}

func (r *oneRun) Next() (fn *Function, lim *Limits) {
	fn, r.fn = r.fn, nil
	return fn, r.lim
}

func (r *oneRun) Ended(returned bridge.Value, err error) { r.returned, r.err = returned, err }

// ended makes the error of a run from what it raised, if anything, and looks at what the run leaves behind.
func (vm *VM) ended(s *Script, thrown *thrown, settled bool) error {
	m := &vm.meter
	var err *Error
	switch {
	case m.stop != nil:
		err = m.stop
	case thrown != nil:
		err = vm.describe(thrown.value, vm.lastErr)
	}
	if m.looks > 0 {
		vm.clearThreads()
		m.memory.end(s)
		m.memory.left = m.stop != nil
	}
	if vm.broken {
		vm.rebuild(err)
	} else if !settled {
		if keeps := s.settle(m); err == nil {
			err = keeps
		}
	}
	if err == nil {
		return nil
	}
	return err
}

// clearThreads makes the threads that wait for their next use forget what gopher-lua leaves on their stacks.
func (vm *VM) clearThreads() {
	if vm.idle != nil {
		machine.Forget(vm.idle)
	}
	for _, th := range vm.guards {
		machine.Forget(th)
	}
}

// rebuild makes the VM anew after a Go panic in it, since it is unknown what the panic left half done. The scripts are
// loaded again, each before its next run.
func (vm *VM) rebuild(why *Error) {
	if err := vm.open(); err != nil {
		panic(err) // it opened before
	}
	for _, s := range vm.scripts {
		s.lose()
	}
	for _, r := range vm.waiting {
		if r.giveUp != nil {
			r.giveUp()
		}
	}
	vm.tellLost(true, why)
}

// newThread makes a thread under the VM's meter. The base state has no context of its own, since a thread made from a
// state with one would get a child of it.
func (vm *VM) newThread() *lua.LState {
	th, _ := vm.base.NewThread()
	th.SetContext(&vm.meter)
	*machine.LoopOf(th) = vm.loop
	th.Panic = vm.throw
	return th
}

// throw is what gopher-lua calls to raise the value on top of a thread's stack, while all frames still stand.
func (vm *VM) throw(L *lua.LState) {
	if L == vm.idle {
		vm.noteError()
	}
	if vm.watcher != nil {
		vm.watcher.Raised(L)
	}
	panic(&thrown{vm.worded(L)})
}

// noteError notes where an error is raised on the hook's own thread, which ends the run.
func (vm *VM) noteError() { vm.meter.busy, vm.lastErr = true, vm.whereOnHook() }

// worded is the value on top of a thread's stack, which is being raised, in the words that scripts see.
func (vm *VM) worded(L *lua.LState) lua.LValue {
	v := machine.OrNil(L.Get(-1))
	if vm.asIs {
		vm.asIs = false
		return v
	}
	vm.payForWords(L, v)
	return vm.advise(L, machine.Reworded(L, withoutGap(L, v)))
}

// payForWords charges an error that an instruction raises for the code and the text that are looked through for its
// words. Where they are short, that takes no time beside the raising. Errors of library functions are left out: a tape
// has what a host method cost together with what it raised, which is raised again.
func (vm *VM) payForWords(L *lua.LState, v lua.LValue) {
	const short = 4 << 10
	message, ok := v.(lua.LString)
	f := machine.TopFrame(L)
	if !ok || f == nil || f.Fn.IsG {
		return
	}
	if n := len(message) + bytecode.Size*len(f.Fn.Proto.Code); n > short {
		_ = vm.meter.Steps(n / machine.BytesPerInstruction) // an error is on its way already: the next instruction ends the run
	}
}

// withoutGap takes away the blank that gopher-lua leaves before a message where there is no Lua function to name, as in
// pcall(assert, false).
func withoutGap(L *lua.LState, v lua.LValue) lua.LValue {
	s, ok := v.(lua.LString)
	if !ok || !strings.HasPrefix(string(s), " ") {
		return v
	}
	for f := range machine.FramesOf(L) {
		if f.Line() > 0 {
			return v
		}
	}
	return s[1:]
}

// protect calls the function with its arguments on top of a thread's stack and catches everything it raises. The thread
// must not be used again when it raised something.
func (vm *VM) protect(th *lua.LState, kind activationKind, nargs, nret int) (caught *thrown) {
	vm.activate(th, kind)
	returned := false
	defer func() {
		if !returned {
			if r := recover(); r != nil {
				caught = vm.caught(th, r)
			}
			vm.dropCurrent()
		}
		vm.leave()
	}()
	th.Call(nargs, nret)
	returned = true
	return nil
}

// activate begins an activation.
func (vm *VM) activate(th *lua.LState, kind activationKind) {
	vm.active = append(vm.active, activation{th, kind, vm.meter.memory.building})
}

// leave ends the innermost activation, with all that library functions were building in it.
func (vm *VM) leave() {
	top := len(vm.active) - 1
	vm.meter.memory.building = vm.active[top].building
	vm.active[top].thread = nil
	vm.active = vm.active[:top]
}

// dropCurrent makes gopher-lua forget its current thread, as a coroutine left it: the thread would be kept alive.
func (vm *VM) dropCurrent() { vm.base.G.CurrentThread = vm.base }

// thrown is what was raised, on its way to the protected call that catches it.
type thrown struct{ value lua.LValue }

// caught sorts what a recover returned. A Lua error that was raised on the thread has already detached closures from
// the call frames that it left behind, and noted the place; after any other, and after a panic, both are still to be
// done.
func (vm *VM) caught(th *lua.LState, r any) *thrown {
	if t, ok := r.(*thrown); ok {
		detachShared(th)
		return t
	}
	if th == vm.idle {
		vm.noteError()
	}
	if e, ok := r.(*lua.ApiError); ok {
		detachShared(th)
		return &thrown{machine.OrNil(e.Object)}
	}
	text := fmt.Sprint(r)
	if text != tailOverflow {
		vm.panicked(text)
	}
	detachClosures(th)
	return &thrown{lua.LString(stackOverflow)}
}

// panicked ends the run after a panic of Go code on the VM's own goroutine, which no script may catch.
func (vm *VM) panicked(text string) {
	vm.broken = true
	if vm.meter.stop == nil {
		vm.meter.end(vm.meter.stopped(KindInternal, nil, "panic: %s", plaintext.Clip(text, maxMessage)))
	}
}

// goroutineEnded ends a run whose goroutine is ending, as host code that runs inside the run may make it: the run's
// call frames still stand, and nothing has recovered them.
func (vm *VM) goroutineEnded(s *Script) error {
	vm.panicked("host code ended the goroutine")
	vm.meter.finish()
	vm.args = nil
	return vm.ended(s, nil, true)
}

const (
	// tailOverflow is what gopher-lua panics with, for want of a line to name, when a tail call overflows the stack.
	tailOverflow  = "runtime error: index out of range [-1]"
	stackOverflow = "stack overflow"
)

// detachClosures moves the variables that closures share with a thread's call frames into the closures, as raising an
// error does first. Otherwise they would be lost when the stack is cleared.
func detachClosures(th *lua.LState) {
	defer func() { _ = recover() }()
	th.Error(lua.LTrue, 0)
}

// detachShared is [detachClosures] where a closure shares a variable with the thread.
func detachShared(th *lua.LState) {
	if *machine.SharedOn(th) != nil {
		detachClosures(th)
	}
}
