package sandbox

import (
	"context"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// Run calls a function of a script and returns its first result. The error, if any, is an *[Error].
//
// The caller's context ends the run as the timeout does. Host methods get that context.
func (vm *VM) Run(ctx context.Context, lim *Limits, fn *Function, args ...bridge.Value) (bridge.Value, error) {
	one := single{fn: fn, lim: lim, args: args}
	vm.RunSeries(ctx, &one)
	return one.returned, one.err
}

// Series is some runs, one after the other.
type Series interface {
	// Next returns the function to run next, within limits and with arguments, which must stay as they are until the run has
	// ended. The function is nil when there is none left.
	Next() (fn *Function, lim *Limits, args []bridge.Value)
	// Ended is told how that run ended: what the function returned first, or the error, an *[Error].
	Ended(returned bridge.Value, err error)
}

// RunSeries makes runs as [VM.Run] does. They are protected together, which is what costs most in a short one.
func (vm *VM) RunSeries(ctx context.Context, s Series) {
	for {
		fn, thrown := vm.stretch(ctx, s)
		if fn == nil {
			return
		}
		vm.meter.finish()
		forget(vm.idle) // closures may still point into it
		vm.idle = nil
		s.Ended(bridge.Value{}, vm.ended(fn.script, thrown, fn.script.settled(&vm.meter)))
	}
}

// stretch makes runs until one raises something, and returns its function and what it raised; no function when none is left.
//
// They run on a thread of their own registry and call stack, which serves as long as calls on it end normally.
func (vm *VM) stretch(ctx context.Context, s Series) (raised *Function, caught *thrown) {
	var running *Function
	defer func() {
		if running == nil {
			return
		}
		if r := recover(); r != nil {
			raised, caught = running, vm.caught(vm.idle, r)
		}
		vm.dropCurrent()
		vm.leave()
	}()
	for {
		fn, lim, args := s.Next()
		if fn == nil {
			return nil, nil
		}
		if fn.fn == nil {
			var err error
			if lim, err = fn.restore(ctx, lim); err != nil {
				s.Ended(bridge.Value{}, err)
				continue
			}
		}
		th := vm.begin(ctx, lim, fn, args)
		running = fn
		th.Call(len(args), 1)
		running = nil
		vm.leave()
		s.Ended(vm.finish(th, fn.script))
	}
}

// begin puts a function and its arguments on a thread.
func (vm *VM) begin(ctx context.Context, lim *Limits, fn *Function, args []bridge.Value) *lua.LState {
	vm.running, vm.logged, vm.args = fn.script, 0, args
	vm.meter.begin(ctx, lim, fn.script)
	if vm.idle == nil {
		vm.idle = vm.newThread()
	}
	th := vm.idle
	if !stackOf(th).put(fn.fn, args) {
		th.Push(fn.fn)
		for _, a := range args {
			th.Push(a.Lua())
		}
	}
	vm.activate(th, hookThread)
	return th
}

// finish takes the result of a call that has returned.
func (vm *VM) finish(th *lua.LState, s *Script) (bridge.Value, error) {
	vm.meter.finish()
	ret := stackOf(th).take()
	if settled := s.settled(&vm.meter); vm.meter.stop != nil || !settled {
		if err := vm.ended(s, nil, settled); err != nil {
			return bridge.Value{}, err
		}
	}
	return bridge.Wrap(ret), nil
}

// single is a series of one run.
type single struct {
	fn       *Function // nil when it has ended
	lim      *Limits
	args     []bridge.Value
	returned bridge.Value
	err      error
}

func (s *single) Next() (*Function, *Limits, []bridge.Value) { return s.fn, s.lim, s.args }

func (s *single) Ended(returned bridge.Value, err error) {
	s.fn, s.returned, s.err = nil, returned, err
}

// ended makes the error of a run of what it raised, if anything, and looks at what it leaves behind.
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
	vm.args = nil
	if vm.idle != nil {
		forget(vm.idle)
	}
	for _, th := range vm.guards {
		forget(th)
	}
}

// rebuild makes the VM anew after a Go panic in it, since nobody knows what that left half done. The scripts are loaded
// again, each before its next run.
func (vm *VM) rebuild(why *Error) {
	if err := vm.open(); err != nil {
		panic(err) // it opened before
	}
	for _, s := range vm.scripts {
		s.lose()
	}
	vm.tellLost(true, why)
}

// newThread makes a thread under the VM's meter. The base state has no context of its own, since a thread made from a state
// with one would get a child of it.
func (vm *VM) newThread() *lua.LState {
	th, _ := vm.base.NewThread()
	th.SetContext(&vm.meter)
	th.Panic = vm.throw
	return th
}

// throw is what gopher-lua calls to raise the value on top of a thread's stack, while all frames still stand.
func (vm *VM) throw(L *lua.LState) {
	if n := len(vm.active); n > 0 && vm.active[n-1].kind == hookThread {
		vm.lastErr = vm.where()
	}
	panic(&thrown{vm.advise(L, withoutGap(L, orNil(L.Get(-1))))})
}

// withoutGap takes away the blank that gopher-lua leaves before a message where there is no Lua function to name, as in
// pcall(assert, false).
func withoutGap(L *lua.LState, v lua.LValue) lua.LValue {
	s, ok := v.(lua.LString)
	if !ok || !strings.HasPrefix(string(s), " ") {
		return v
	}
	for f := range framesOf(L) {
		if f.line() > 0 {
			return v
		}
	}
	return s[1:]
}

// protect calls the function with its arguments on top of a thread's stack and catches everything it raises. The thread must
// not be used again when it raised something.
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

// dropCurrent makes gopher-lua forget which thread a coroutine left it at: nothing reads that, but it keeps the thread.
func (vm *VM) dropCurrent() { vm.base.G.CurrentThread = vm.base }

// thrown is what was raised, on its way to the protected call that catches it.
type thrown struct{ value lua.LValue }

// caught sorts what a recover found. A Lua error has detached closures from the frames it left behind, and noted the place;
// after any other panic both are still to be done.
func (vm *VM) caught(th *lua.LState, r any) *thrown {
	switch r := r.(type) {
	case *thrown:
		return r
	case *lua.ApiError:
		return &thrown{orNil(r.Object)}
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
		vm.meter.end(vm.meter.stopped(KindInternal, nil, "panic: %s", clip(text, maxMessage)))
	}
}

const (
	// tailOverflow is what gopher-lua panics with, for want of a line to name, when a tail call overflows the stack.
	tailOverflow  = "runtime error: index out of range [-1]"
	stackOverflow = "stack overflow"
)

// detachClosures gives closures the variables that they share with a thread's frames, as raising an error does first. Else
// they would keep the whole thread.
func detachClosures(th *lua.LState) {
	defer func() { _ = recover() }()
	th.Error(lua.LTrue, 0)
}

// orNil: gopher-lua leaves Go nils in places where Lua has nil.
func orNil(v lua.LValue) lua.LValue {
	if v == nil {
		return lua.LNil
	}
	return v
}

func typeName(v lua.LValue) string { return bridge.TypeName(v) }
