package sandbox

import (
	"context"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// run calls a function on a thread of its own registry and call stack. The thread is used again only when the call ended
// normally: after an error, closures may still point into it.
func (vm *VM) run(ctx context.Context, lim *Limits, fn *Function, args []bridge.Value) (lua.LValue, error) {
	vm.meter.begin(ctx, lim)
	vm.running, vm.logged = fn.script, 0
	th := vm.idle
	if vm.idle = nil; th == nil {
		th = vm.newThread()
	}
	th.Push(fn.fn)
	for _, a := range args {
		th.Push(a.Lua())
	}
	thrown := vm.protect(activation{th, hookThread}, len(args), 1)
	vm.meter.heap.disarm()
	if vm.meter.stop != nil {
		return nil, vm.meter.stop
	}
	if thrown != nil {
		return nil, vm.asError(thrown)
	}
	ret := th.Get(-1)
	th.SetTop(0)
	vm.idle = th
	return orNil(ret), nil
}

// newThread makes a thread under the VM's meter. The base state has no context of its own, since a thread made from a state
// with one would get a child of it.
func (vm *VM) newThread() *lua.LState {
	th, _ := vm.base.NewThread()
	th.SetContext(&vm.meter)
	th.Panic = vm.throw
	return th
}

// thrown is a Lua error, or a panic of Go code, on its way to the protected call that catches it.
type thrown struct {
	value lua.LValue // what was raised
	panic any        // what Go code panicked with; the value is its text
}

// throw is what gopher-lua calls to raise the value on top of a thread's stack, while all frames still stand.
func (vm *VM) throw(L *lua.LState) {
	if n := len(vm.active); n > 0 && vm.active[n-1].kind == hookThread {
		vm.lastErr = vm.where()
	}
	panic(&thrown{value: withoutGap(L, orNil(L.Get(-1)))})
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
func (vm *VM) protect(a activation, nargs, nret int) (caught *thrown) {
	depth := len(vm.active)
	vm.active = append(vm.active, a)
	vm.base.G.CurrentThread = a.thread
	defer func() {
		if r := recover(); r != nil {
			caught = vm.caught(a.thread, r)
		}
		vm.leave(depth)
	}()
	a.thread.Call(nargs, nret)
	return nil
}

// leave ends the activations from a depth on.
func (vm *VM) leave(depth int) {
	clear(vm.active[depth:])
	vm.active = vm.active[:depth]
	if depth > 0 {
		vm.base.G.CurrentThread = vm.active[depth-1].thread
	}
}

// caught sorts what a recover found. A Lua error has detached closures from the frames it left behind, and noted the place;
// after any other panic both are still to be done.
func (vm *VM) caught(th *lua.LState, r any) *thrown {
	switch r := r.(type) {
	case *thrown:
		return r
	case *lua.ApiError:
		return &thrown{value: orNil(r.Object)}
	}
	detachClosures(th)
	text := fmt.Sprint(r)
	if text == tailOverflow {
		return &thrown{value: lua.LString(stackOverflow)}
	}
	return &thrown{value: lua.LString(text), panic: r}
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

// asError makes the error of a run of what it raised.
func (vm *VM) asError(t *thrown) *Error {
	if t.panic != nil {
		e := &Error{Kind: KindInternal, Message: fmt.Sprintf("panic: %v", t.panic)}
		e.locate(vm.lastErr)
		return e
	}
	return vm.describe(t.value, vm.lastErr)
}

// orNil: gopher-lua leaves Go nils in places where Lua has nil.
func orNil(v lua.LValue) lua.LValue {
	if v == nil {
		return lua.LNil
	}
	return v
}

func typeName(v lua.LValue) string { return bridge.TypeName(v) }
