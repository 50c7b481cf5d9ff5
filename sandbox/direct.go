package sandbox

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// direct is a library function that needs neither a call frame nor the stack. In a loop over pairs, making and leaving a frame
// for each step takes several times as long as the step.
type direct struct {
	lua.LFunction // as it is called where there is no shortcut
	run           directFunc
}

// directFunc takes arguments and returns results, as many as there are and then nils, of which none is a Go nil. It is false, with
// nothing done, where the function must be called in the usual way, as one that raises an error.
type directFunc func(L *lua.LState, args []lua.LValue) (first, second lua.LValue, ok bool)

// directEnv is the environment of all direct functions and of no other: that a function has it is the proof that it is one.
// No script can reach it.
var directEnv = &lua.LTable{Metatable: lua.LNil}

func newDirect(run directFunc, usual lua.LGFunction) *lua.LFunction {
	d := &direct{LFunction: lua.LFunction{IsG: true, GFunction: usual, Env: directEnv}, run: run}
	return &d.LFunction
}

// directOf is the direct function that a Lua value is, or nil.
func directOf(v lua.LValue) *direct {
	if fn, ok := v.(*lua.LFunction); ok && fn.Env == directEnv {
		return (*direct)(unsafe.Pointer(fn))
	}
	return nil
}

// call does a call of a direct function with a fixed number of arguments and results.
func (r *registry) call(L *lua.LState, cf *callFrame, inst uint32) bool {
	at, args, want := placeA(cf, inst), operandB(inst)-1, operandC(inst)-1
	d := directOf(r.array[at])
	if d == nil || args < 0 || want < 0 || at+want > len(r.array) {
		return false
	}
	first, second, ok := d.run(L, r.array[at+1:at+1+args])
	if !ok {
		return false
	}
	r.give(at, want, first, second)
	for i := at + want; i <= at+args; i++ {
		r.array[i] = nil // as gopher-lua leaves them
	}
	return true
}

// iterate does a step of a for loop over a direct function, and goes on with the jump to the beginning of the loop that follows,
// or with what is behind that.
func (r *registry) iterate(L *lua.LState, cf *callFrame, inst uint32) bool {
	at, want := placeA(cf, inst), operandC(inst)
	d := directOf(r.array[at])
	if d == nil || at+3+want > len(r.array) {
		return false
	}
	first, second, ok := d.run(L, r.array[at+1:at+3])
	if !ok {
		return false
	}
	r.give(at+3, want, first, second)
	if first != lua.LNil {
		r.array[at+2] = first
		cf.Pc += jump(cf.Fn.Proto.Code[cf.Pc])
	} else {
		clear(r.array[at+3+want : r.top]) // what the body of the loop left there
	}
	cf.Pc++
	return true
}

// give puts the results of a call on a stack, as many as are wanted.
func (r *registry) give(at, want int, first, second lua.LValue) {
	for i := 2; i < want; i++ {
		r.set(at+i, lua.LNil)
	}
	if want > 1 {
		r.set(at+1, second)
	}
	if want > 0 {
		r.set(at, first)
	}
}
