package sandbox

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/number"
)

// loop is the main loop of the VM's threads, in place of gopher-lua's. It asks the meter before each instruction,
// without the detour through a context and a channel, and executes some instructions in its own way where that is
// shorter. All others, and these where it is not, are executed by [steps].
//
// The loop is entered for each function that Go code calls, and left when that function returns.
func (m *meter) loop(L *lua.LState, base *callFrame) {
	top := callsOf(L).top()
	if top.Fn.IsG {
		theirLoop(L, base)
		return
	}
	current, r := currentOf(L), stackOf(L)
	*current = top
	fn, code := top.Fn, top.Fn.Proto.Code
	for {
		cf := *current
		if cf.Fn != fn {
			fn, code = cf.Fn, cf.Fn.Proto.Code
		}
		inst := code[cf.Pc]
		cf.Pc++
		if !m.spend() {
			m.pause(L, base)
		}
		done := false
		switch int(inst >> 26) {
		case lua.OP_MOVE:
			r.set(placeA(cf, inst), r.array[cf.LocalBase+operandB(inst)])
			continue
		case lua.OP_JMP:
			cf.Pc += jump(inst)
			continue
		case lua.OP_ADD:
			done = r.add(L, cf, inst)
		case lua.OP_EQ:
			done = r.equal(L, cf, inst)
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
			if base == nil && r.leave(L, cf, inst) {
				return
			}
		}
		if !done && steps[inst>>26](L, inst, base) == 1 {
			return
		}
	}
}

// pause is called before an instruction when the meter does not simply let the run go on.
func (m *meter) pause(L *lua.LState, base *callFrame) {
	if m.watch != nil {
		m.watch(L, base)
	} else if m.look() != nil {
		m.raise(L)
	}
}

// A shortcut executes an instruction and leaves the thread exactly as gopher-lua's own function for it does: its
// registers, what is above them, the top and the call frames. It returns false where there is no short way, because the
// stack would grow or an error would be raised; what it has done by then may be done again. TestShortcutsAreExact
// compares each shortcut with the function that it stands for.
type shortcut func(r *registry, L *lua.LState, cf *callFrame, inst uint32) bool

// shortcuts are the shortcuts that the loop calls, by opcode, for code that compares them. The loop itself calls them
// by name, which is faster.
var shortcuts = [lua.OP_NOP + 1]shortcut{
	lua.OP_ADD:        (*registry).add,
	lua.OP_EQ:         (*registry).equal,
	lua.OP_GETGLOBAL:  (*registry).global,
	lua.OP_GETTABLE:   (*registry).index,
	lua.OP_SETTABLE:   (*registry).assign,
	lua.OP_SETTABLEKS: (*registry).assign, // where the name is in a register; package syntax replaces the others, and those that read
	lua.OP_CALL:       (*registry).call,
	lua.OP_TFORLOOP:   (*registry).iterate,
}

// add adds two numbers where the result is a small whole number, which exists already.
func (r *registry) add(_ *lua.LState, cf *callFrame, inst uint32) bool {
	a, ok := r.operand(cf, operandB(inst)).(lua.LNumber)
	b, both := r.operand(cf, operandC(inst)).(lua.LNumber)
	if !ok || !both {
		return false
	}
	n := int64(a + b)
	if n <= 0 && (n < 0 || math.Signbit(float64(a+b))) || n >= number.Small || lua.LNumber(n) != a+b {
		return false
	}
	r.set(placeA(cf, inst), number.Of(n))
	return true
}

// equal compares two strings. It goes on with the jump that follows, or behind that jump.
func (r *registry) equal(_ *lua.LState, cf *callFrame, inst uint32) bool {
	a, ok := r.operand(cf, operandB(inst)).(lua.LString)
	b, both := r.operand(cf, operandC(inst)).(lua.LString)
	if !ok || !both {
		return false
	}
	if unless := inst>>18&0xff != 0; (a != b) == unless {
		cf.Pc++
	}
	return true
}

// global reads a global that the function's environment has itself.
func (r *registry) global(_ *lua.LState, cf *callFrame, inst uint32) bool {
	name, _ := cf.Fn.Proto.Constants[inst&wideOperand].(lua.LString)
	v := partsOf(cf.Fn.Env).strdict[string(name)]
	if v == nil || v == lua.LNil {
		return false
	}
	r.set(placeA(cf, inst), v)
	return true
}

// index reads a key of a view. gopher-lua would put the metamethod, its arguments and the value on top of the stack, and take
// them away again.
func (r *registry) index(L *lua.LState, cf *callFrame, inst uint32) bool {
	t, ok := r.array[cf.LocalBase+operandB(inst)].(*lua.LTable)
	if !ok || !bridge.Of(t).IsView() || !r.fits(L, r.top+4) {
		return false
	}
	v, ok := bridge.Of(t).TryGet(L, r.operand(cf, operandC(inst)))
	if !ok {
		return false
	}
	above := r.array[r.top : r.top+4]
	above[0], above[1], above[2], above[3] = lua.LNil, nil, nil, nil
	r.set(placeA(cf, inst), v)
	return true
}

// assign writes a key of a view.
func (r *registry) assign(L *lua.LState, cf *callFrame, inst uint32) bool {
	t, ok := r.array[placeA(cf, inst)].(*lua.LTable)
	if !ok || !bridge.Of(t).IsView() || !r.fits(L, r.top+4) ||
		!bridge.Of(t).TrySet(L, r.operand(cf, operandB(inst)), r.operand(cf, operandC(inst))) {
		return false
	}
	above := r.array[r.top : r.top+4]
	above[0], above[1], above[2], above[3] = nil, nil, nil, nil
	return true
}

// leave ends the function that the thread was entered with, where it returns at most one value and shares no variable
// with a closure.
func (r *registry) leave(L *lua.LState, cf *callFrame, inst uint32) bool {
	calls, at, n := callsOf(L), placeA(cf, inst), operandB(inst)-1
	if calls.sp != 1 || n < 0 || n > 1 || at+n > r.top || cf.ReturnBase != 0 || cf.NRet != 1 || *sharedOn(L) != nil || L.Parent != nil {
		return false
	}
	var returned lua.LValue = lua.LNil
	if n == 1 {
		returned = r.array[at]
	}
	clear(r.array[1:r.top])
	r.array[0], r.top = returned, 1
	calls.sp, *currentOf(L) = 0, nil
	return true
}

// The operands of an instruction, as gopher-lua's opcode.go has them.
const (
	wideOperand = 1<<18 - 1       // the bits of an operand that takes the place of B and C
	noJump      = wideOperand / 2 // the value of such an operand for a jump of length 0
	isConstant  = 1 << 8          // the bit of an operand that tells a constant from a register
)

func placeA(cf *callFrame, inst uint32) int { return cf.LocalBase + int(inst>>18&0xff) }
func operandB(inst uint32) int              { return int(inst & 0x1ff) }
func operandC(inst uint32) int              { return int(inst >> 9 & 0x1ff) }
func jump(inst uint32) int                  { return int(inst&wideOperand) - noJump }

// operand is a register of a function, or one of its constants.
func (r *registry) operand(cf *callFrame, i int) lua.LValue {
	if i&isConstant != 0 {
		return cf.Fn.Proto.Constants[i&^isConstant]
	}
	return r.array[cf.LocalBase+i]
}

func (r *registry) set(at int, v lua.LValue) {
	r.array[at] = v
	r.top = max(r.top, at+1)
}

// fits reports whether gopher-lua could put values on the stack up to an index, and call a function, in the room that
// there is.
func (r *registry) fits(L *lua.LState, end int) bool {
	calls := callsOf(L)
	return end <= len(r.array) && calls.sp < len(calls.array)
}
