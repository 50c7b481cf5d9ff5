package sandbox

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// Coroutines and protected calls run on threads of their own, all under the VM's meter. After each of them the meter is
// asked first, so that nothing can swallow the end of a run.

// threadCost is what making or entering a thread counts as, in instructions.
const threadCost = 100

// enterThread refuses to nest threads too deep, which would recurse in Go without bound.
func (vm *VM) enterThread(L *lua.LState) {
	if len(vm.active) >= maxThreads {
		machine.Raise(L, "stack overflow: %d nested coroutines and protected calls", maxThreads)
	}
	vm.meter.Charge(L, threadCost)
}

func (vm *VM) pcall(L *lua.LState) int {
	args.Any(L, 1)
	th, thrown := vm.guarded(L, 1, L.GetTop())
	if thrown != nil {
		L.Push(lua.LFalse)
		L.Push(thrown.value)
		return 2
	}
	return vm.results(L, th, lua.LTrue)
}

func (vm *VM) xpcall(L *lua.LState) int {
	handler := args.Any(L, 2)
	th, thrown := vm.guarded(L, 1, 1)
	if thrown == nil {
		return vm.results(L, th, lua.LTrue)
	}
	if handler.Type() != lua.LTFunction {
		L.Push(lua.LFalse)
		L.Push(lua.LString("error in error handling"))
		return 2
	}
	L.SetTop(0)
	L.Push(handler)
	L.Push(thrown.value)
	if th, thrown = vm.guarded(L, 1, 2); thrown != nil {
		L.Push(lua.LFalse)
		L.Push(thrown.value)
		return 2
	}
	n := vm.results(L, th, lua.LFalse)
	L.SetTop(L.GetTop() - n + 2) // of what a handler returns, Lua 5.1 takes one value
	return 2
}

// guarded calls the function at stack index from, with the arguments up to index to, on a thread of its own, which
// holds the results unless something was raised.
func (vm *VM) guarded(L *lua.LState, from, to int) (th *lua.LState, raised *thrown) {
	vm.enterThread(L)
	if fn := machine.OrNil(L.Get(from)); fn.Type() != lua.LTFunction && !machine.Callable(L, fn) {
		return nil, &thrown{lua.LString("attempt to call a " + machine.TypeName(fn) + " value")}
	}
	if n := len(vm.guards); n > 0 {
		th, vm.guards = vm.guards[n-1], vm.guards[:n-1]
	} else {
		th = vm.newThread()
	}
	for i := from; i <= to; i++ {
		th.Push(L.Get(i))
	}
	raised = vm.protect(th, guardThread, to-from, lua.MultRet)
	if raised != nil {
		machine.Forget(th)
	}
	if vm.meter.stop != nil {
		vm.meter.raise(L)
	}
	return th, raised
}

// results pushes a first value, then what the function on a guard thread returned. The thread is set aside for its next
// use.
func (vm *VM) results(L, th *lua.LState, first lua.LValue) int {
	L.Push(first)
	n := th.GetTop()
	for i := 1; i <= n; i++ {
		L.Push(machine.OrNil(th.Get(i)))
	}
	th.Pop(n)
	vm.guards = append(vm.guards, th)
	return n + 1
}
