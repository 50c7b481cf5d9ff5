package machine

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/bytecode"
)

// The shortcuts of this file go from one Lua function to another, and back.

// call calls an intrinsic or a Lua function with a fixed number of arguments.
func (r *Registry) call(L *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	fn, ok := r.Array[placeA(cf, inst)].(*lua.LFunction)
	switch {
	case !ok || inst.B() == 0:
		return false
	case fn.IsG:
		return r.callIntrinsic(L, cf, inst)
	}
	return r.enter(L, cf, inst, fn)
}

// enter calls a Lua function that has no varargs.
func (r *Registry) enter(L *lua.LState, cf *CallFrame, inst bytecode.Instruction, fn *lua.LFunction) bool {
	at, nargs, calls := placeA(cf, inst), inst.B()-1, CallsOf(L)
	first, params, used := at+1, int(fn.Proto.NumParameters), int(fn.Proto.NumUsedRegisters)
	if fn.Proto.IsVarArg != 0 || !r.fits(L, first+max(nargs, params, used)) {
		return false
	}
	for i := first + min(nargs, params); i < first+max(nargs, params, used); i++ {
		r.Array[i] = lua.LNil
	}
	r.Top = first + used
	calls.Array[calls.Sp] = CallFrame{
		Idx: calls.Sp, Fn: fn, Parent: cf, Base: at, LocalBase: first, ReturnBase: at, NArgs: nargs, NRet: inst.C() - 1,
	}
	*CurrentOf(L) = &calls.Array[calls.Sp]
	calls.Sp++
	return true
}

// Back returns a fixed number of values from a Lua function to the one that called it, where the function shares no
// variable with a closure. The main loop goes on: it was not entered with this function.
func (r *Registry) Back(L *lua.LState, cf *CallFrame, inst bytecode.Instruction, base *CallFrame) bool {
	at, given, want := placeA(cf, inst), inst.B()-1, cf.NRet
	if given < 0 || cf == base || cf.Parent == nil || cf.Parent.Fn.IsG || *SharedOn(L) != nil || CallsOf(L).Sp < 2 {
		return false
	}
	if want < 0 {
		want = given
	}
	to, top := cf.ReturnBase, r.Top
	if to+want > len(r.Array) || at+given > top {
		return false
	}
	CallsOf(L).Sp--
	*CurrentOf(L) = CallsOf(L).Top()
	copy(r.Array[to:to+min(given, want)], r.Array[at:])
	for i := to + given; i < to+want; i++ {
		r.Array[i] = lua.LNil
	}
	r.Top = to + want
	for i := r.Top; i < top; i++ {
		r.Array[i] = nil
	}
	return true
}

// Leave ends the function that the thread was entered with, where it returns at most one value and shares no variable
// with a closure.
func (r *Registry) Leave(L *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	calls, at, n := CallsOf(L), placeA(cf, inst), inst.B()-1
	if calls.Sp != 1 || n < 0 || n > 1 || at+n > r.Top || cf.ReturnBase != 0 || cf.NRet != 1 || *SharedOn(L) != nil || L.Parent != nil {
		return false
	}
	var returned lua.LValue = lua.LNil
	if n == 1 {
		returned = r.Array[at]
		bridge.Escape(returned)
	}
	for i := 1; i < r.Top; i++ { // usually so few that calling clear would take longer
		r.Array[i] = nil
	}
	r.Array[0], r.Top = returned, 1
	calls.Sp, *CurrentOf(L) = 0, nil
	return true
}
