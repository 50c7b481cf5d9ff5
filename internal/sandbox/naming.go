package sandbox

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// This file finds the names by which Lua 5.1's messages refer to what a function works with: `local 'x'`,
// `field 'size'`. As there, a name comes from the code, not from the value.

// calledAs is the name by which the running library function was called, "?" where it has none, and the kind of the
// name, such as method.
func calledAs(L *lua.LState) (kind, name string) {
	f := topFrame(L)
	if f == nil || f.Parent == nil || f.Parent.Fn.IsG || f.Parent.Pc == 0 {
		return "", "?"
	}
	inst := f.Parent.current()
	switch int(inst >> 26) {
	case lua.OP_TFORLOOP:
		return "local", "(for generator)"
	case lua.OP_CALL, lua.OP_TAILCALL:
		if kind, name = f.Parent.nameOf(int(inst >> 18 & 0xff)); kind != "" {
			return kind, name
		}
	}
	return "", "?"
}

// current is the instruction that a Lua function is at.
func (f *callFrame) current() uint32 { return f.Fn.Proto.Code[f.Pc-1] }

// nameOf is the name of what a register holds at the current instruction, and its kind; both empty where it has none.
func (f *callFrame) nameOf(register int) (kind, name string) {
	return nameAt(f.Fn.Proto, f.Pc-1, register)
}

// nameAt is the name of what a register holds before an instruction.
func nameAt(p *lua.FunctionProto, pc, register int) (kind, name string) {
	if name := localAt(p, pc, register); name != "" {
		return "local", name
	}
	at := lastSet(p, pc, register)
	if at < 0 {
		return "", ""
	}
	inst := p.Code[at]
	b, c := operandB(inst), operandC(inst)
	switch int(inst >> 26) {
	case lua.OP_GETGLOBAL:
		return "global", p.Constants[inst&wideOperand].String()
	case lua.OP_MOVE, lua.OP_MOVEN:
		if b < int(inst>>18&0xff) {
			return nameAt(p, at, b)
		}
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS:
		return "field", keyName(p, at, c)
	case lua.OP_GETUPVAL:
		if b < len(p.DbgUpvalues) && !strings.HasPrefix(p.DbgUpvalues[b], "(") {
			return "upvalue", p.DbgUpvalues[b]
		}
	case lua.OP_SELF:
		if register == int(inst>>18&0xff) {
			return "method", keyName(p, at, c)
		}
	}
	return "", ""
}

// keyName is the key of an access, where the code has it as a name or a string; otherwise "?". Where a `for` begins,
// the compiler loads such a key into a register first.
func keyName(p *lua.FunctionProto, pc, operand int) string {
	constant := operand &^ isConstant
	if operand&isConstant == 0 {
		load := p.Code[max(pc-1, 0)]
		if int(load>>26) != lua.OP_LOADK || int(load>>18&0xff) != operand || localAt(p, pc, operand) != "" {
			return "?"
		}
		if constant = int(load & wideOperand); constant >= isConstant {
			return "?"
		}
	}
	if s, ok := p.Constants[constant].(lua.LString); ok {
		return string(s)
	}
	return "?"
}

// localAt is the name of the local variable in a register; empty for none, and for hidden variables, which are not the
// script's.
func localAt(p *lua.FunctionProto, pc, register int) string {
	n := register
	for _, local := range p.DbgLocals {
		if local.StartPc >= pc+1 {
			break
		}
		if pc <= local.EndPc {
			if n == 0 {
				if strings.HasPrefix(local.Name, "(") {
					return ""
				}
				return local.Name
			}
			n--
		}
	}
	return ""
}

// lastSet is the instruction before another that last wrote a register; -1 for none. Forward jumps are followed where
// they do not skip the other instruction, as in Lua 5.1.
func lastSet(p *lua.FunctionProto, before, register int) int {
	last := -1
	for pc := 0; pc < before; pc++ {
		inst := p.Code[pc]
		a, sets := int(inst>>18&0xff), false
		switch int(inst >> 26) {
		case lua.OP_MOVE, lua.OP_MOVEN, lua.OP_LOADK, lua.OP_LOADBOOL, lua.OP_GETUPVAL, lua.OP_GETGLOBAL, lua.OP_GETTABLE, lua.OP_GETTABLEKS,
			lua.OP_NEWTABLE, lua.OP_ADD, lua.OP_SUB, lua.OP_MUL, lua.OP_DIV, lua.OP_MOD, lua.OP_POW, lua.OP_UNM, lua.OP_NOT, lua.OP_LEN,
			lua.OP_CONCAT, lua.OP_TEST, lua.OP_TESTSET, lua.OP_FORPREP:
			sets = a == register
		case lua.OP_LOADNIL:
			sets = a <= register && register <= operandB(inst)
		case lua.OP_SELF:
			sets = a == register || a+1 == register
		case lua.OP_CALL, lua.OP_VARARG:
			sets = register >= a
		case lua.OP_FORLOOP:
			sets = a <= register && register <= a+3
		case lua.OP_TFORLOOP:
			sets = register >= a+2
		case lua.OP_CLOSURE:
			sets = a == register
			if sets {
				last = pc
			}
			pc += int(p.FunctionPrototypes[inst&wideOperand].NumUpvalues)
			continue
		case lua.OP_JMP:
			if to := pc + 1 + jump(inst); pc < to && to <= before {
				pc = to - 1
			}
		}
		if sets {
			last = pc
		}
	}
	return last
}
