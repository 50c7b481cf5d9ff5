package sandbox

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// loop is the main loop of the VM's threads, in place of gopher-lua's. It asks the meter before each instruction without a way
// round by a context and a channel, and runs library functions that need no frame where they are called; every other
// instruction is gopher-lua's own.
//
// It is entered for each function that Go code calls, and left when that returns.
func (m *meter) loop(L *lua.LState, base *callFrame) {
	calls, current, stack := callsOf(L), currentOf(L), stackOf(L)
	if calls.sp == 0 {
		return
	}
	if *current = &calls.array[calls.sp-1]; (*current).Fn.IsG {
		theirLoop(L, base)
		return
	}
	var fn *lua.LFunction
	var code []uint32
	for {
		cf := *current
		if cf.Fn != fn {
			fn, code = cf.Fn, cf.Fn.Proto.Code
		}
		inst := code[cf.Pc]
		cf.Pc++
		if m.left--; (m.left < 0 || m.alarm.due.Load()) && m.look() != nil {
			m.raise(L)
		}
		op, done := int(inst>>26), false
		switch op {
		case lua.OP_MOVE:
			stack.set(cf.LocalBase+int(inst>>18&0xff), stack.array[cf.LocalBase+int(inst&0x1ff)])
			done = true
		case lua.OP_JMP:
			cf.Pc += jump(inst)
			done = true
		case lua.OP_CALL:
			done = stack.call(L, cf, inst)
		case lua.OP_TFORLOOP:
			done = stack.iterate(L, cf, inst)
		case lua.OP_GETTABLE, lua.OP_GETTABLEKS:
			done = stack.index(L, cf, inst)
		case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
			done = stack.assign(L, cf, inst)
		}
		if done {
			continue
		}
		if instructions[op](L, inst, base) == 1 {
			return
		}
	}
}

// jump is how far a jump instruction goes.
func jump(inst uint32) int { return int(inst&(1<<18-1)) - (1<<17 - 1) }

// direct is a library function that needs neither a call frame nor the stack. In a loop over pairs, making and leaving a frame
// for each step takes several times as long as the step. Run returns the results, none of which is a Go nil; a third and those
// after it are nil. It is false where the function is to be called in the usual way, as one must that raises an error.
type direct struct {
	lua.LFunction
	run directFunc
}

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

// call does what a call instruction does, where that calls a direct function with a fixed number of arguments and results.
func (r *registry) call(L *lua.LState, cf *callFrame, inst uint32) bool {
	at, args, want := cf.LocalBase+int(inst>>18&0xff), int(inst&0x1ff)-1, int(inst>>9&0x1ff)-1
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

// iterate does what the instruction at the end of a for loop over an iterator does, where that is a direct function: it calls
// it, and goes on with the jump to the beginning of the loop that follows, or with what is behind it.
func (r *registry) iterate(L *lua.LState, cf *callFrame, inst uint32) bool {
	at, want := cf.LocalBase+int(inst>>18&0xff), int(inst>>9&0x1ff)
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

func (r *registry) set(at int, v lua.LValue) {
	r.array[at] = v
	r.top = max(r.top, at+1)
}

// index does what an instruction that reads a field does, where that is a view's.
func (r *registry) index(L *lua.LState, cf *callFrame, inst uint32) bool {
	t, ok := r.array[cf.LocalBase+int(inst&0x1ff)].(*lua.LTable)
	if !ok || !bridge.IsView(t) {
		return false
	}
	v, ok := bridge.TryGet(L, t, r.operand(cf, int(inst>>9&0x1ff)))
	if ok {
		r.set(cf.LocalBase+int(inst>>18&0xff), v)
	}
	return ok
}

// assign does what an instruction that writes a field does, where that is a view's.
func (r *registry) assign(L *lua.LState, cf *callFrame, inst uint32) bool {
	t, ok := r.array[cf.LocalBase+int(inst>>18&0xff)].(*lua.LTable)
	if !ok || !bridge.IsView(t) {
		return false
	}
	return bridge.TrySet(L, t, r.operand(cf, int(inst&0x1ff)), r.operand(cf, int(inst>>9&0x1ff)))
}

// operand is a register of a function, or one of its constants.
func (r *registry) operand(cf *callFrame, i int) lua.LValue {
	const constant = 1 << 8
	if i&constant != 0 {
		return cf.Fn.Proto.Constants[i&^constant]
	}
	return r.array[cf.LocalBase+i]
}
