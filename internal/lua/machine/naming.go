package machine

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
	"github.com/hookrun/hookrun/internal/plaintext"
)

// This file finds the names by which Lua 5.1's messages refer to what a function works with: `local 'x'`,
// `field 'size'`. As there, a name comes from the code, not from the value.

// CalledAs is the name by which the running library function was called, "?" where it has none, and the kind of the
// name, such as method.
func CalledAs(L *lua.LState) (kind, name string) {
	f := TopFrame(L)
	if f == nil || f.Parent == nil || f.Parent.Fn.IsG || f.Parent.Pc == 0 {
		return "", "?"
	}
	inst := f.Parent.current()
	switch inst.Op() {
	case lua.OP_TFORLOOP:
		return "local", "(for generator)"
	case lua.OP_CALL, lua.OP_TAILCALL:
		if kind, name = f.Parent.nameOf(inst.A()); kind != "" {
			return kind, name
		}
	}
	return "", "?"
}

// current is the instruction that a Lua function is at.
func (f *CallFrame) current() bytecode.Instruction {
	return bytecode.Instruction(f.Fn.Proto.Code[f.Pc-1])
}

// nameOf is the name of what a register holds at the current instruction, and its kind; both empty where it has none. A
// long name is cut: each message would take as much, and a constant may have a mebibyte.
func (f *CallFrame) nameOf(register int) (kind, name string) {
	kind, name = nameAt(f.Fn.Proto, f.Pc-1, register)
	return kind, plaintext.Clip(name, maxName)
}

// maxName is how many bytes of a name are in a message.
const maxName = 80

// nameAt is the name of what a register holds before an instruction.
func nameAt(p *lua.FunctionProto, pc, register int) (kind, name string) {
	if name := localAt(p, pc, register); name != "" {
		return "local", name
	}
	at := lastSet(p, pc, register)
	if at < 0 {
		return "", ""
	}
	inst := bytecode.Instruction(p.Code[at])
	b, c := inst.B(), inst.C()
	switch inst.Op() {
	case lua.OP_GETGLOBAL:
		return "global", p.Constants[inst.Bx()].String()
	case lua.OP_MOVE, lua.OP_MOVEN:
		if b < inst.A() {
			return nameAt(p, at, b)
		}
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS:
		return "field", keyName(p, at, c)
	case lua.OP_GETUPVAL:
		if b < len(p.DbgUpvalues) && !strings.HasPrefix(p.DbgUpvalues[b], "(") {
			return "upvalue", p.DbgUpvalues[b]
		}
	case lua.OP_SELF:
		if register == inst.A() {
			return "method", keyName(p, at, c)
		}
	}
	return "", ""
}

// keyName is the key of an access, where the code has it as a name or a string; otherwise "?". Where a `for` begins,
// the compiler loads such a key into a register first.
func keyName(p *lua.FunctionProto, pc, operand int) string {
	constant := operand &^ bytecode.ConstantBit
	if operand&bytecode.ConstantBit == 0 {
		load := bytecode.Instruction(p.Code[max(pc-1, 0)])
		if load.Op() != lua.OP_LOADK || load.A() != operand || localAt(p, pc, operand) != "" {
			return "?"
		}
		if constant = load.Bx(); constant >= bytecode.ConstantBit {
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
		inst := bytecode.Instruction(p.Code[pc])
		sets := inst.Sets(register)
		switch inst.Op() {
		case lua.OP_TEST, lua.OP_TESTSET, lua.OP_FORPREP:
			sets = inst.A() == register
		case lua.OP_FORLOOP:
			sets = inst.A() <= register && register <= inst.A()+3
		case lua.OP_TFORLOOP:
			sets = register >= inst.A()+2
		case lua.OP_CLOSURE:
			if sets {
				last = pc
			}
			pc += int(p.FunctionPrototypes[inst.Bx()].NumUpvalues)
			continue
		case lua.OP_JMP:
			if to := pc + 1 + inst.Jump(); pc < to && to <= before {
				pc = to - 1
			}
		}
		if sets {
			last = pc
		}
	}
	return last
}

// ReadsOnLine reports whether the line of a function's current instruction reads a global or, where table is not empty,
// a member of that global, such as os.exit.
func (f *CallFrame) ReadsOnLine(table, member string) bool {
	proto, line := f.Fn.Proto, f.Line()
	globals, found := -1, -1 // the registers that hold _G and the table
	for pc, inst := range bytecode.Instructions(proto) {
		if proto.DbgSourcePositions[pc] != line {
			continue
		}
		name, of := "", ""
		switch inst.Op() {
		case lua.OP_GETGLOBAL:
			name = proto.Constants[inst.Bx()].String()
		case lua.OP_GETTABLE:
			switch inst.B() {
			case globals:
				name = keyName(proto, pc, inst.C())
			case found:
				name, of = keyName(proto, pc, inst.C()), table
			}
		}
		if name == member && of == table {
			return true
		}
		if inst.Sets(globals) {
			globals = -1
		}
		if inst.Sets(found) {
			found = -1
		}
		switch {
		case name == "" || of != "":
		case name == "_G":
			globals = inst.A()
		case name == table:
			found = inst.A()
		}
	}
	return false
}
