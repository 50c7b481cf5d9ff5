package sandbox

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

func (vm *VM) coroutineFunctions() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"create": func(L *lua.LState) int {
			L.Push(vm.newCoroutine(L))
			return 1
		},
		"wrap": vm.wrap, "resume": vm.resume, "yield": vm.yield, "status": vm.status, "running": vm.current,
	}
}

// coroutine is the context of a coroutine's thread: the meter, and what its next resume needs to know.
type coroutine struct {
	*meter
	want int // how many results the call of yield takes, as it is written; negative for all
}

// newCoroutine makes a suspended thread, with its function waiting on its own stack.
func (vm *VM) newCoroutine(L *lua.LState) *lua.LState {
	fn, ok := L.Get(1).(*lua.LFunction)
	if !ok || fn.IsG {
		args.Bad(L, 1, "Lua function expected")
	}
	vm.meter.Charge(L, threadCost)
	th := vm.newThread()
	th.SetContext(&coroutine{meter: &vm.meter, want: lua.MultRet})
	*machine.LoopOf(th) = vm.begin
	th.Push(fn)
	return th
}

// begin is the main loop of a coroutine that starts. gopher-lua does not tell an error that a coroutine raised from a
// panic in it, and decides how to raise errors when it starts the coroutine; begin puts that right.
func (vm *VM) begin(th *lua.LState, base *machine.CallFrame) {
	th.Panic = func(L *lua.LState) {
		vm.raised = true
		if vm.watcher != nil {
			vm.watcher.Raised(L)
		}
		panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: vm.worded(L)})
	}
	*machine.LoopOf(th) = vm.loop
	vm.loop(th, base)
}

func (vm *VM) wrap(L *lua.LState) int {
	th := vm.newCoroutine(L)
	resume := func(L *lua.LState) int {
		if why := vm.refuses(th); why != "" {
			machine.Raise(L, "%s", why)
		}
		failure, results := vm.enter(L, th, 1)
		if failure != nil {
			if text, ok := machine.PlainText(L, failure); ok {
				place := machine.CallerPlace(L)
				vm.std.Making(L, len(place)+len(text))
				failure = lua.LString(place + text)
			}
			vm.asIs = true
			L.Error(failure, 0)
		}
		return push(L, results)
	}
	L.Push(L.NewClosure(resume, th)) // as an upvalue, so that a walk sees what the function holds
	return 1
}

func (vm *VM) resume(L *lua.LState) int {
	th := checkCoroutine(L)
	if why := vm.refuses(th); why != "" {
		L.Push(lua.LFalse)
		L.Push(lua.LString(why))
		return 2
	}
	failure, results := vm.enter(L, th, 2)
	if failure != nil {
		L.Push(lua.LFalse)
		L.Push(failure)
		return 2
	}
	L.Push(lua.LTrue)
	return push(L, results) + 1
}

func push(L *lua.LState, values []lua.LValue) int {
	for _, v := range values {
		L.Push(machine.OrNil(v))
	}
	return len(values)
}

// refuses says why a thread cannot be resumed; it is empty where the thread can be.
func (vm *VM) refuses(th *lua.LState) string {
	if status := vm.statusOf(th); status != "suspended" {
		return "cannot resume " + status + " coroutine"
	}
	return ""
}

// checkCoroutine reads the first argument, a coroutine.
func checkCoroutine(L *lua.LState) *lua.LState {
	th, ok := L.Get(1).(*lua.LState)
	if !ok {
		args.Bad(L, 1, "coroutine expected")
	}
	return th
}

// enter resumes a coroutine with the arguments from a stack index on, until it yields, returns or fails.
func (vm *VM) enter(L, th *lua.LState, from int) (failure lua.LValue, results []lua.LValue) {
	vm.enterThread(L)
	body, args := vm.resumption(L, th, from)
	vm.activate(th, coroutineThread)
	returned := false
	defer func() {
		vm.leave()
		vm.dropCurrent()
		if !returned { // the results did not fit onto the stack
			th.Dead, vm.raised = true, false
		}
	}()
	state, err, results := L.Resume(th, body, args...)
	returned = true
	if state == lua.ResumeError {
		failure = vm.failureOf(th, err)
	}
	if vm.meter.stop != nil {
		vm.meter.raise(L)
	}
	if state != lua.ResumeYield {
		th.Dead = true
		machine.Forget(th)
	}
	if failure != nil {
		return failure, nil
	}
	return nil, results[1:]
}

// resumption returns what a thread is resumed with. The first time, that is the body, its function and all arguments;
// later, it is as many values as the code that yielded takes. gopher-lua pushes just what it is given, and leaves Go
// nils where that is too little. Where that is too much for the thread's stack, it would raise the error there, on a
// thread that does not run yet, and not where the script can catch it.
func (vm *VM) resumption(L, th *lua.LState, from int) (body *lua.LFunction, args []lua.LValue) {
	stack := machine.StackOf(th)
	first, used := machine.TopFrame(th) == nil, stack.Top
	if first {
		args, used = append(args, th.Get(-1)), machine.BodyRegisters
	}
	last := L.GetTop()
	if co, ok := th.Context().(*coroutine); ok && co.want >= 0 {
		last = from + co.want - 1
	}
	if used+len(args)+last-from+1 > machine.ThreadOptions.RegistryMaxSize {
		machine.Raise(L, "registry overflow")
	}
	for i := from; i <= last; i++ {
		args = append(args, L.Get(i))
	}
	if first {
		body = vm.base.NewFunctionFromProto(machine.CoroutineBody)
		th.SetTop(0)
	}
	return body, args
}

// failureOf returns what a failed coroutine raised.
func (vm *VM) failureOf(th *lua.LState, err error) lua.LValue {
	raised := vm.raised
	if !raised || *machine.SharedOn(th) != nil {
		detachClosures(th)
	}
	vm.raised = false
	v := lua.LValue(lua.LString(err.Error()))
	if api, ok := err.(*lua.ApiError); ok {
		v = machine.OrNil(api.Object)
	}
	switch {
	case v == lua.LString(tailOverflow):
		return lua.LString(stackOverflow)
	case !raised:
		vm.panicked(v.String())
	}
	return v
}

func (vm *VM) yield(L *lua.LState) int {
	if vm.innermostCoroutine() == nil {
		L.Error(lua.LString("attempt to yield from outside a coroutine"), 0)
	}
	if top := vm.active[len(vm.active)-1]; top.thread != L || top.kind != coroutineThread || !yieldable(L) {
		L.Error(lua.LString("attempt to yield across a metamethod, iterator or library call"), 0)
	}
	L.Context().(*coroutine).want = machine.TopFrame(L).NRet
	L.Insert(lua.LTrue, 1) // as bodyProto does for a return
	return -1
}

// yieldable reports whether only calls lie between a coroutine's body and yield. gopher-lua does not check that: where
// a metamethod, an iterator or a library function lies between, it would leave Go frames behind and carry on with a
// broken thread.
func yieldable(L *lua.LState) bool {
	for f := machine.TopFrame(L).Parent; f != nil; f = f.Parent {
		if !f.Calls() {
			return false
		}
	}
	return true
}

func (vm *VM) status(L *lua.LState) int {
	L.Push(lua.LString(vm.statusOf(checkCoroutine(L))))
	return 1
}

func (vm *VM) statusOf(th *lua.LState) string {
	switch {
	case th.Dead:
		return "dead"
	case th == vm.innermostCoroutine():
		return "running"
	}
	isTh := func(a activation) bool { return a.thread == th }
	if slices.ContainsFunc(vm.active, isTh) || slices.ContainsFunc(vm.waiting, func(r *run) bool { return slices.ContainsFunc(r.active, isTh) }) {
		return "normal"
	}
	return "suspended"
}

func (vm *VM) current(L *lua.LState) int {
	if th := vm.innermostCoroutine(); th != nil {
		L.Push(th)
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

// innermostCoroutine returns the coroutine that is running; nil for none.
func (vm *VM) innermostCoroutine() *lua.LState {
	for i := len(vm.active) - 1; i >= 0; i-- {
		if vm.active[i].kind == coroutineThread {
			return vm.active[i].thread
		}
	}
	return nil
}
