package sandbox

import (
	"runtime"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// Coroutines and protected calls run on threads of their own, all under the VM's meter. After each of them the meter is
// asked first, so that nothing can swallow the end of a run.

// threadCost is what making or entering a thread counts as, in instructions.
const threadCost = 100

// enterThread refuses to nest threads too deep, which would recurse in Go without bound.
func (vm *VM) enterThread(L *lua.LState) {
	if len(vm.active) >= maxThreads {
		L.RaiseError("stack overflow: %d nested coroutines and protected calls", maxThreads)
	}
	vm.meter.charge(L, threadCost)
}

func (vm *VM) pcall(L *lua.LState) int {
	L.CheckAny(1)
	thrown, results := vm.guarded(L, 1, L.GetTop())
	if thrown != nil {
		L.Push(lua.LFalse)
		L.Push(thrown.value)
		return 2
	}
	return results(lua.LTrue)
}

func (vm *VM) xpcall(L *lua.LState) int {
	L.CheckAny(1)
	handler := L.CheckFunction(2)
	thrown, results := vm.guarded(L, 1, 1)
	if thrown == nil {
		return results(lua.LTrue)
	}
	L.SetTop(0)
	L.Push(handler)
	L.Push(thrown.value)
	if thrown, results = vm.guarded(L, 1, 2); thrown != nil {
		L.Push(lua.LFalse)
		L.Push(thrown.value)
		return 2
	}
	return results(lua.LFalse)
}

// guarded calls the function at stack index from, with the arguments up to index to, on a thread of its own. Results pushes
// a first value and what the function returned.
func (vm *VM) guarded(L *lua.LState, from, to int) (caught *thrown, results func(first lua.LValue) int) {
	vm.enterThread(L)
	var th *lua.LState
	if n := len(vm.guards); n > 0 {
		th, vm.guards = vm.guards[n-1], vm.guards[:n-1]
	} else {
		th = vm.newThread()
	}
	for i := from; i <= to; i++ {
		th.Push(L.Get(i))
	}
	caught = vm.protect(activation{th, guardThread}, to-from, lua.MultRet)
	if vm.meter.stop != nil {
		vm.meter.raise(L)
	}
	return caught, func(first lua.LValue) int {
		L.Push(first)
		n := th.GetTop()
		for i := 1; i <= n; i++ {
			L.Push(orNil(th.Get(i)))
		}
		th.SetTop(0)
		vm.guards = append(vm.guards, th)
		return n + 1
	}
}

func (vm *VM) coroutineFunctions() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"create": func(L *lua.LState) int {
			L.Push(vm.newCoroutine(L))
			return 1
		},
		"wrap": vm.wrap, "resume": vm.resume, "yield": vm.yield, "status": vm.status, "running": vm.current,
	}
}

// bodyName names the chunk of bodyProto, which tracebacks leave out.
const bodyName = "[coroutine]"

// bodyProto marks that a coroutine's body returned: gopher-lua's Resume cannot tell no result from one nil.
var bodyProto = func() *lua.FunctionProto {
	chunk, err := parse.Parse(strings.NewReader("return function(f, ...) return true, f(...) end"), bodyName)
	if err != nil {
		panic(err)
	}
	proto, err := lua.Compile(chunk, bodyName)
	if err != nil {
		panic(err)
	}
	return proto.FunctionPrototypes[0]
}()

// newCoroutine makes a suspended thread, with its function waiting on its own stack.
func (vm *VM) newCoroutine(L *lua.LState) *lua.LState {
	fn := L.CheckFunction(1)
	if fn.IsG {
		L.ArgError(1, "Lua function expected")
	}
	vm.meter.charge(L, threadCost)
	th := vm.newThread()
	th.Push(fn)
	return th
}

func (vm *VM) wrap(L *lua.LState) int {
	th := vm.newCoroutine(L)
	L.Push(L.NewFunction(func(L *lua.LState) int {
		failure, results := vm.enter(L, th, 1)
		if failure != nil {
			L.Error(failure, 0)
		}
		return push(L, results)
	}))
	return 1
}

func (vm *VM) resume(L *lua.LState) int {
	failure, results := vm.enter(L, L.CheckThread(1), 2)
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
		L.Push(orNil(v))
	}
	return len(values)
}

// enter resumes a coroutine with the arguments from a stack index on, until it yields, returns or fails.
func (vm *VM) enter(L, th *lua.LState, from int) (failure lua.LValue, results []lua.LValue) {
	switch vm.statusOf(th) {
	case "dead":
		return lua.LString("cannot resume dead coroutine"), nil
	case "running", "normal":
		return lua.LString("cannot resume non-suspended coroutine"), nil
	}
	vm.enterThread(L)
	var args []lua.LValue
	var body *lua.LFunction
	if _, started := th.GetStack(0); !started {
		body = vm.base.NewFunctionFromProto(bodyProto)
		args = append(args, th.Get(-1))
		th.SetTop(0)
	}
	for i := from; i <= L.GetTop(); i++ {
		args = append(args, L.Get(i))
	}
	vm.active = append(vm.active, activation{th, coroutineThread})
	depth := len(vm.active)
	state, err, results := L.Resume(th, body, args...)
	vm.active = vm.active[:depth-1]
	vm.base.G.CurrentThread = L
	if vm.meter.stop != nil {
		vm.meter.raise(L)
	}
	switch state {
	case lua.ResumeError:
		th.Dead = true
		return errorValue(err), nil
	case lua.ResumeOK:
		th.Dead = true
	}
	return nil, results[1:]
}

func errorValue(err error) lua.LValue {
	if api, ok := err.(*lua.ApiError); ok {
		return orNil(api.Object)
	}
	return lua.LString(err.Error())
}

func (vm *VM) yield(L *lua.LState) int {
	if vm.innermostCoroutine() == nil {
		L.RaiseError("attempt to yield from outside a coroutine")
	}
	if top := vm.active[len(vm.active)-1]; top.thread != L || top.kind != coroutineThread || !yieldable() {
		L.RaiseError("attempt to yield across a metamethod, iterator or library call")
	}
	L.Insert(lua.LTrue, 1) // as bodyProto does for a return
	return -1
}

// yieldable reports whether only the coroutine's own main loop lies between yield and resume. gopher-lua does not check
// that: where a metamethod or a library function lies between, it carries on with a broken thread. The Go stack tells.
func yieldable() bool {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, "lua.mainLoopWithContext") {
			caller, _ := frames.Next()
			return strings.HasSuffix(caller.Function, "lua.threadRun")
		}
		if !more {
			return false
		}
	}
}

func (vm *VM) status(L *lua.LState) int {
	L.Push(lua.LString(vm.statusOf(L.CheckThread(1))))
	return 1
}

func (vm *VM) statusOf(th *lua.LState) string {
	switch {
	case th.Dead:
		return "dead"
	case th == vm.innermostCoroutine():
		return "running"
	}
	for _, a := range vm.active {
		if a.thread == th {
			return "normal"
		}
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

// innermostCoroutine is the coroutine that runs, if one does.
func (vm *VM) innermostCoroutine() *lua.LState {
	for i := len(vm.active) - 1; i >= 0; i-- {
		if vm.active[i].kind == coroutineThread {
			return vm.active[i].thread
		}
	}
	return nil
}
