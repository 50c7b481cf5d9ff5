package machine

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
)

// intrinsic is a library function that needs neither a call frame nor the stack. In a loop over pairs, making and
// leaving a frame for each step takes several times as long as the step.
type intrinsic struct {
	lua.LFunction // as it is called where there is no shortcut
	run           intrinsicFunc
}

// intrinsicFunc takes arguments and returns the first two results, neither of them a Go nil, and how many results there
// are; results that are missing are nil, and so is a third. A negative number says that nothing was done, and that the
// function must be called in the usual way, such as when it is to raise an error.
type intrinsicFunc func(L *lua.LState, args []lua.LValue) (first, second lua.LValue, n int)

// mostResults is the largest number of results that an intrinsic has.
const mostResults = 3

// intrinsicEnv is the environment of all intrinsics and of no other function, so a function that has it is an
// intrinsic. No script can reach it.
var intrinsicEnv = &lua.LTable{Metatable: lua.LNil}

// NewIntrinsic makes an intrinsic of what runs it and of the function as it is called in the usual way. Neither keeps
// an argument, nor hands one on but by its results, unless it tells of it (see [bridge.Escape]).
func NewIntrinsic(run intrinsicFunc, usual lua.LGFunction) *lua.LFunction {
	d := &intrinsic{LFunction: lua.LFunction{IsG: true, GFunction: usual, Env: intrinsicEnv}, run: run}
	return &d.LFunction
}

// KeepsNothing makes a function of Go code that keeps none of its arguments, nor hands them on but by its results.
func KeepsNothing(fn lua.LGFunction) *lua.LFunction {
	return NewIntrinsic(func(*lua.LState, []lua.LValue) (first, second lua.LValue, n int) { return nil, nil, -1 }, fn)
}

// IntrinsicOf returns the intrinsic that a Lua value is; nil if it is none.
func IntrinsicOf(v lua.LValue) *intrinsic {
	if fn, ok := v.(*lua.LFunction); ok && fn.Env == intrinsicEnv {
		return (*intrinsic)(unsafe.Pointer(fn))
	}
	return nil
}

// callIntrinsic executes a call of an intrinsic with a fixed number of arguments and results.
func (r *Registry) callIntrinsic(L *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	at, nargs, want := placeA(cf, inst), inst.B()-1, inst.C()-1
	d := IntrinsicOf(r.Array[at])
	end := at + 1 + nargs
	if d == nil || want < 0 || r.Top < end || !r.fits(L, max(end+mostResults, at+want)) {
		return false
	}
	first, second, n := d.run(L, r.Array[at+1:end])
	if n < 0 {
		return false
	}
	r.give(at, want, end+n, first, second)
	return true
}

// iterate executes a step of a for loop over an intrinsic. It goes on with the jump to the beginning of the loop, which
// is the next instruction, or behind that jump. gopher-lua copies the function and its two arguments to where the
// results will be.
func (r *Registry) iterate(L *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	at, want := placeA(cf, inst), inst.C()
	d := IntrinsicOf(r.Array[at])
	end := at + 3 + 3
	if d == nil || r.Top < at+3 || !r.fits(L, max(end+mostResults, at+3+want)) {
		return false
	}
	first, second, n := d.run(L, r.Array[at+1:at+3])
	if n < 0 {
		return false
	}
	r.give(at+3, want, end+n, first, second)
	if first != lua.LNil {
		r.Array[at+2] = first
		cf.Pc += bytecode.Instruction(cf.Fn.Proto.Code[cf.Pc]).Jump()
	}
	cf.Pc++
	return true
}

// give puts the results of a call on the stack, as many as are wanted, and lets the stack end with them. Everything
// above is cleared, including what an ordinary call would have pushed, up to index pushed.
func (r *Registry) give(at, want, pushed int, first, second lua.LValue) {
	switch want {
	case 0:
	case 1:
		r.Array[at] = first
	default:
		r.Array[at], r.Array[at+1] = first, second
		for i := 2; i < want; i++ {
			r.Array[at+i] = lua.LNil
		}
	}
	above := max(r.Top, pushed)
	r.Top = at + want
	for i := r.Top; i < above; i++ { // usually so few that calling clear would take longer
		r.Array[i] = nil
	}
}
