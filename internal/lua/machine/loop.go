// Package machine knows what the virtual machine of gopher-lua keeps to itself, and runs scripts in a main loop of its
// own, with the operators and messages of Lua 5.1.
package machine

import (
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/bytecode"
)

// Budget counts down what threads may do before somebody must look at them.
type Budget struct {
	Left int64               // instructions, and work that counts as such, until the next look
	Due  atomic.Bool         // whether a look is due before the next instruction, however many are left
	Look func(L *lua.LState) // raises an error on the thread when it must end, and otherwise hands out the next instructions

	// Watch, if not nil, takes the place of Look before each instruction of the main loop for which a look is due. It is
	// given the call frame that the loop was entered with.
	Watch func(L *lua.LState, base *CallFrame)
}

// BytesPerInstruction is how many bytes are copied or looked at for one instruction of the budget.
const BytesPerInstruction = 16

// Spend counts an instruction down, and reports whether it may be executed without a look.
func (b *Budget) Spend() bool {
	b.Left--
	return b.Left >= 0 && !b.Due.Load()
}

// Charge counts n instructions down, for work that the main loop takes for one.
func (b *Budget) Charge(L *lua.LState, n int) {
	if b.Left -= int64(n); b.Left < 0 {
		b.Look(L)
	}
}

// Loop is the main loop of threads, in place of gopher-lua's. It asks the budget before each instruction, without the
// detour through a context and a channel, and executes some instructions in its own way where that is shorter. All
// others, and these where it is not, are executed by [Steps].
//
// The loop is entered for each function that Go code calls, and left when that function returns.
func (b *Budget) Loop(L *lua.LState, base *CallFrame) {
	top := CallsOf(L).Top()
	if top.Fn.IsG {
		TheirLoop(L, base)
		return
	}
	current, r := CurrentOf(L), StackOf(L)
	*current = top
	fn, code := top.Fn, top.Fn.Proto.Code
	for {
		cf := *current
		if cf.Fn != fn {
			fn, code = cf.Fn, cf.Fn.Proto.Code
		}
		inst := bytecode.Instruction(code[cf.Pc])
		cf.Pc++
		if !b.Spend() {
			b.pause(L, base)
		}
		done := false
		switch inst.Op() {
		case lua.OP_MOVE:
			r.set(placeA(cf, inst), r.Array[cf.LocalBase+inst.B()])
			continue
		case lua.OP_JMP:
			cf.Pc += inst.Jump()
			continue
		case lua.OP_LOADK:
			r.set(placeA(cf, inst), cf.Fn.Proto.Constants[inst.Bx()])
			continue
		case lua.OP_GETUPVAL:
			r.set(placeA(cf, inst), cf.Fn.Upvalues[inst.B()].Value())
			continue
		case lua.OP_ADD:
			done = r.add(L, cf, inst)
		case lua.OP_SUB:
			done = r.subtract(L, cf, inst)
		case lua.OP_MUL:
			done = r.multiply(L, cf, inst)
		case lua.OP_DIV:
			done = r.divide(L, cf, inst)
		case lua.OP_MOD:
			done = r.remainder(L, cf, inst)
		case lua.OP_EQ:
			done = r.equal(L, cf, inst)
		case lua.OP_LT:
			done = r.less(L, cf, inst)
		case lua.OP_LE:
			done = r.lessEqual(L, cf, inst)
		case lua.OP_TEST:
			done = r.test(L, cf, inst)
		case lua.OP_FORLOOP:
			done = r.count(L, cf, inst)
		case lua.OP_GETGLOBAL:
			done = r.global(L, cf, inst)
		case lua.OP_GETTABLE:
			done = r.index(L, cf, inst)
		case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
			done = r.assign(L, cf, inst)
		case lua.OP_CALL:
			done = r.call(L, cf, inst)
		case lua.OP_TFORLOOP:
			done = r.iterate(L, cf, inst)
		case lua.OP_RETURN:
			if base == nil && r.Leave(L, cf, inst) {
				return
			}
			done = r.Back(L, cf, inst, base)
		}
		if done {
			continue
		}
		if handing[inst.Op()] {
			r.hand(L, cf, inst)
		}
		if Steps[inst.Op()](L, inst, base) == 1 {
			return
		}
	}
}

// pause is called before an instruction for which a look is due.
func (b *Budget) pause(L *lua.LState, base *CallFrame) {
	if b.Watch != nil {
		b.Watch(L, base)
	} else {
		b.Look(L)
	}
}

// A shortcut executes an instruction and leaves the thread exactly as gopher-lua's own function for it does: its
// registers, what is above them, the top and the call frames. It returns false where there is no short way, because the
// stack would grow or an error would be raised; what it has done by then may be done again. TestShortcutsAreExact
// compares each shortcut with the function that it stands for.
type shortcut func(r *Registry, L *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool

// Shortcuts are the shortcuts that the loop calls, by opcode, for code that compares them. The loop itself calls them
// by name, which is faster.
var Shortcuts = [lua.OP_NOP + 1]shortcut{
	lua.OP_ADD:        (*Registry).add,
	lua.OP_SUB:        (*Registry).subtract,
	lua.OP_MUL:        (*Registry).multiply,
	lua.OP_DIV:        (*Registry).divide,
	lua.OP_MOD:        (*Registry).remainder,
	lua.OP_EQ:         (*Registry).equal,
	lua.OP_LT:         (*Registry).less,
	lua.OP_LE:         (*Registry).lessEqual,
	lua.OP_TEST:       (*Registry).test,
	lua.OP_FORLOOP:    (*Registry).count,
	lua.OP_GETGLOBAL:  (*Registry).global,
	lua.OP_GETTABLE:   (*Registry).index,
	lua.OP_SETTABLE:   (*Registry).assign,
	lua.OP_SETTABLEKS: (*Registry).assign, // where the name is in a register; package syntax replaces the others, and those that read
	lua.OP_CALL:       (*Registry).call,
	lua.OP_TFORLOOP:   (*Registry).iterate,
}

// global reads a global that the function's environment has itself.
func (r *Registry) global(_ *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	name, _ := cf.Fn.Proto.Constants[inst.Bx()].(lua.LString)
	v := PartsOf(cf.Fn.Env).Strdict[string(name)]
	if v == nil || v == lua.LNil {
		return false
	}
	r.set(placeA(cf, inst), v)
	return true
}

// index reads a key of a view, or of a table without a metatable. For a view, gopher-lua would put the metamethod, its
// arguments and the value on top of the stack, and take them away again.
func (r *Registry) index(L *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	t, ok := r.Array[cf.LocalBase+inst.B()].(*lua.LTable)
	if !ok {
		return false
	}
	if _, plain := t.Metatable.(*lua.LNilType); plain {
		key := r.operand(cf, inst.C())
		if key == nil {
			return false
		}
		r.set(placeA(cf, inst), t.RawGet(key))
		return true
	}
	if !bridge.Of(t).IsView() || !r.fits(L, r.Top+4) {
		return false
	}
	v, ok := bridge.Of(t).TryGet(L, r.operand(cf, inst.C()))
	if !ok {
		return false
	}
	above := r.Array[r.Top : r.Top+4]
	above[0], above[1], above[2], above[3] = lua.LNil, nil, nil, nil
	r.set(placeA(cf, inst), v)
	return true
}

// assign writes a key of a view, or a text or number as the key of a table without a metatable.
func (r *Registry) assign(L *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	t, ok := r.Array[placeA(cf, inst)].(*lua.LTable)
	if !ok {
		return false
	}
	key, value := r.operand(cf, inst.B()), r.operand(cf, inst.C())
	if _, plain := t.Metatable.(*lua.LNilType); plain {
		n, isNumber := key.(lua.LNumber)
		if _, isText := key.(lua.LString); !isText && (!isNumber || n != n) || value == nil {
			return false
		}
		bridge.Escape(value)
		t.RawSet(key, value)
		return true
	}
	if !bridge.Of(t).IsView() || !r.fits(L, r.Top+4) {
		return false
	}
	bridge.Escape(value)
	if !bridge.Of(t).TrySet(L, key, value) {
		return false
	}
	above := r.Array[r.Top : r.Top+4]
	above[0], above[1], above[2], above[3] = nil, nil, nil, nil
	return true
}

// placeA is where on the stack the register of operand A is.
func placeA(cf *CallFrame, inst bytecode.Instruction) int { return cf.LocalBase + inst.A() }

// operand is a register of a function, or one of its constants.
func (r *Registry) operand(cf *CallFrame, i int) lua.LValue {
	if i&bytecode.ConstantBit != 0 {
		return cf.Fn.Proto.Constants[i&^bytecode.ConstantBit]
	}
	return r.Array[cf.LocalBase+i]
}

func (r *Registry) set(at int, v lua.LValue) {
	r.Array[at] = v
	r.Top = max(r.Top, at+1)
}

// fits reports whether gopher-lua could put values on the stack up to an index, and call a function, in the room that
// there is.
func (r *Registry) fits(L *lua.LState, end int) bool {
	calls := CallsOf(L)
	return end <= len(r.Array) && calls.Sp < len(calls.Array)
}
