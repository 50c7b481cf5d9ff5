package machine

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/bytecode"
)

// handing is which instructions can put a value of a register where it stays, or hand it to code that may do so: to Go
// functions and to metamethods. All others only move values between registers, and so do calls from one Lua function to
// another and back. Those that compare call a metamethod only if both tables have it, which no view has, and the
// operator .. is a call of a Go function here (see package syntax).
var handing = [lua.OP_NOP + 1]bool{
	lua.OP_GETTABLE: true, // a key, to __index
	lua.OP_SETTABLE: true, lua.OP_SETTABLEKS: true, lua.OP_SETLIST: true, lua.OP_SETGLOBAL: true, lua.OP_SETUPVAL: true,
	lua.OP_ADD: true, lua.OP_SUB: true, lua.OP_MUL: true, lua.OP_DIV: true, lua.OP_MOD: true, lua.OP_POW: true,
	lua.OP_CALL: true, lua.OP_TAILCALL: true, lua.OP_TFORLOOP: true, lua.OP_RETURN: true, lua.OP_CLOSURE: true,
}

// hand tells of the values that a handing instruction is about to hand on.
func (r *Registry) hand(L *lua.LState, cf *CallFrame, inst bytecode.Instruction) {
	at := placeA(cf, inst)
	switch inst.Op() {
	case lua.OP_SETGLOBAL, lua.OP_SETUPVAL:
		bridge.Escape(r.Array[at])
	case lua.OP_GETTABLE:
		bridge.Escape(r.operand(cf, inst.C()))
	case lua.OP_SETLIST:
		r.escape(at+1, r.end(inst, at+1+inst.B()))
	case lua.OP_CALL, lua.OP_TAILCALL:
		if !keepsNothing(r.Array[at]) {
			r.escape(at, r.end(inst, at+inst.B()))
		}
	case lua.OP_TFORLOOP:
		if !keepsNothing(r.Array[at]) {
			r.escape(at, at+3)
		}
	case lua.OP_RETURN:
		if cf.Parent == nil || cf.Parent.Fn.IsG {
			r.escape(at, r.end(inst, at+inst.B()-1))
		}
	case lua.OP_CLOSURE:
		if captures(cf, inst) {
			bridge.EscapeAll(L)
		}
	default:
		bridge.Escape(r.operand(cf, inst.B()))
		bridge.Escape(r.operand(cf, inst.C()))
	}
}

// end is where the operands of an instruction end: at a place that B tells, or at the top of the stack.
func (r *Registry) end(inst bytecode.Instruction, told int) int {
	if inst.B() == 0 {
		return r.Top
	}
	return told
}

func (r *Registry) escape(from, to int) {
	for at := from; at < to; at++ {
		bridge.Escape(r.Array[at])
	}
}

// keepsNothing reports whether what is called keeps none of its arguments: a Lua function, whose instructions tell of
// what it does with them, or an intrinsic.
func keepsNothing(v lua.LValue) bool {
	fn, ok := v.(*lua.LFunction)
	return ok && (!fn.IsG && !MakesArg(fn.Proto) || fn.Env == intrinsicEnv)
}

// MakesArg reports whether a call of a function puts arguments into a table, the local variable arg, as Lua does where
// a function with ... does not use that.
func MakesArg(p *lua.FunctionProto) bool { return p.IsVarArg&lua.VarArgNeedsArg != 0 }

// captures reports whether an instruction that makes a closure lets it share a variable of the function that it is in.
func captures(cf *CallFrame, inst bytecode.Instruction) bool {
	n := int(cf.Fn.Proto.FunctionPrototypes[inst.Bx()].NumUpvalues)
	for _, word := range cf.Fn.Proto.Code[cf.Pc : cf.Pc+n] {
		if bytecode.Instruction(word).Op() == lua.OP_MOVE {
			return true
		}
	}
	return false
}
