package syntax

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
)

// check refuses compiled code that would jump, read or call outside its function, which would be a hole in the limits
// or in the compiler. It makes a function's frame large enough for every register that its code names.
func check(f *lua.FunctionProto) {
	c := checker{f: f, next: len(f.Code)}
	if n := len(f.Code); n > MaxInstructions {
		failAt(f.LineDefined, "a function of %d instructions; want at most %d", n, MaxInstructions)
	}
	if n := len(f.DbgUpvalues); n > MaxUpvalues {
		failAt(f.LineDefined, "a function with %d variables of outer functions; want at most %d", n, MaxUpvalues)
	}
	n := len(f.Code)
	c.must(n > 0 && bytecode.Instruction(f.Code[n-1]).Op() == lua.OP_RETURN && len(f.DbgSourcePositions) == n)
	for pc := 0; pc < n; pc = c.next {
		c.pc, c.next = pc, pc+1
		c.instruction(bytecode.Instruction(f.Code[pc]))
	}
	if f.IsVarArg&lua.VarArgNeedsArg != 0 {
		c.registers(int(f.NumParameters)+1, 1) // one above the local variable arg, since a tail call loses the last register
	}
	c.must(c.highest < 250)
	f.NumUsedRegisters = max(f.NumUsedRegisters, uint8(c.highest+1))
}

type checker struct {
	f       *lua.FunctionProto
	pc      int
	next    int // where the next instruction is
	highest int // the highest register that was named
}

func (c *checker) must(ok bool) {
	if !ok {
		failAt(c.f.LineDefined, "cannot be compiled: the code of the function would leave it (instruction %d)", c.pc)
	}
}

// operand is what a field of an instruction names.
type operand uint8

const (
	nothing operand = iota
	register
	registerOrConstant
	upvalue
)

// operands are the fields A, B and C of the instructions that have no special rule.
var operands = [...][3]operand{
	lua.OP_MOVE: {register, register}, lua.OP_MOVEN: {register, register}, lua.OP_LOADNIL: {register, register},
	lua.OP_GETUPVAL: {register, upvalue}, lua.OP_SETUPVAL: {register, upvalue}, lua.OP_NEWTABLE: {register},
	lua.OP_GETTABLE: {register, register, registerOrConstant}, lua.OP_GETTABLEKS: {register, register, registerOrConstant},
	lua.OP_SETTABLE:   {register, registerOrConstant, registerOrConstant},
	lua.OP_SETTABLEKS: {register, registerOrConstant, registerOrConstant},
	lua.OP_ADD:        {register, registerOrConstant, registerOrConstant}, lua.OP_SUB: {register, registerOrConstant, registerOrConstant},
	lua.OP_MUL: {register, registerOrConstant, registerOrConstant}, lua.OP_DIV: {register, registerOrConstant, registerOrConstant},
	lua.OP_MOD: {register, registerOrConstant, registerOrConstant}, lua.OP_POW: {register, registerOrConstant, registerOrConstant},
	lua.OP_UNM: {register, register}, lua.OP_NOT: {register, register}, lua.OP_LEN: {register, register},
	lua.OP_CONCAT: {register, register, register}, lua.OP_CLOSE: {}, lua.OP_NOP: {},
}

func (c *checker) instruction(i bytecode.Instruction) {
	switch i.Op() {
	case lua.OP_LOADK, lua.OP_GETGLOBAL, lua.OP_SETGLOBAL:
		c.registers(i.A(), 1)
		c.must(i.Bx() < len(c.f.Constants))
	case lua.OP_JMP:
		c.target(c.pc + 1 + i.Jump())
	case lua.OP_FORLOOP, lua.OP_FORPREP:
		c.registers(i.A(), 4)
		c.target(c.pc + 1 + i.Jump())
	case lua.OP_TFORLOOP:
		c.registers(i.A(), max(6, 3+i.C()))
		c.skips(lua.OP_JMP)
	case lua.OP_EQ, lua.OP_LT, lua.OP_LE:
		c.operand(registerOrConstant, i.B())
		c.operand(registerOrConstant, i.C())
		c.skips(lua.OP_JMP, lua.OP_NOP)
	case lua.OP_TEST:
		c.registers(i.A(), 1)
		c.skips(lua.OP_JMP, lua.OP_NOP)
	case lua.OP_TESTSET:
		c.registers(i.A(), 1)
		c.registers(i.B(), 1)
		c.skips(lua.OP_JMP, lua.OP_NOP)
	case lua.OP_LOADBOOL:
		c.registers(i.A(), 1)
		if i.C() != 0 {
			c.skips(lua.OP_LOADBOOL)
		}
	case lua.OP_SELF:
		c.registers(i.A(), 2)
		c.registers(i.B(), 1)
		c.operand(registerOrConstant, i.C())
	case lua.OP_CALL, lua.OP_TAILCALL:
		c.registers(i.A(), max(1, i.B(), i.C()-1))
	case lua.OP_RETURN, lua.OP_VARARG:
		c.registers(i.A(), max(0, i.B()-1))
	case lua.OP_SETLIST:
		c.registers(i.A(), 1+i.B())
		c.must(i.C() != 0)
	case lua.OP_CLOSURE:
		c.closure(i)
	default:
		c.must(i.Op() < len(operands))
		fields := operands[i.Op()]
		c.operand(fields[0], i.A())
		c.operand(fields[1], i.B())
		c.operand(fields[2], i.C())
	}
}

// registers notes that an instruction uses n registers, from the first one on.
func (c *checker) registers(first, n int) { c.highest = max(c.highest, first+n-1) }

func (c *checker) operand(kind operand, field int) {
	switch {
	case kind == upvalue:
		c.must(field < len(c.f.DbgUpvalues))
	case kind == registerOrConstant && field&bytecode.ConstantBit != 0:
		c.must(field&^bytecode.ConstantBit < len(c.f.Constants))
	case kind != nothing:
		c.registers(field, 1)
	}
}

func (c *checker) target(pc int) { c.must(pc >= 0 && pc < len(c.f.Code)) }

// skips checks an instruction that may skip the next one.
func (c *checker) skips(ops ...int) {
	c.target(c.pc + 2)
	c.must(slices.Contains(ops, bytecode.Instruction(c.f.Code[c.pc+1]).Op()))
}

// closure checks a closure and the instructions after it that tell what it captures.
func (c *checker) closure(i bytecode.Instruction) {
	c.registers(i.A(), 1)
	c.must(i.Bx() < len(c.f.FunctionPrototypes))
	inner := c.f.FunctionPrototypes[i.Bx()]
	c.must(int(inner.NumUpvalues) == len(inner.DbgUpvalues))
	for range inner.DbgUpvalues {
		c.target(c.next)
		switch j := bytecode.Instruction(c.f.Code[c.next]); j.Op() {
		case lua.OP_MOVE:
			c.operand(register, j.B())
		case lua.OP_GETUPVAL:
			c.operand(upvalue, j.B())
		default:
			c.must(false)
		}
		c.next++
	}
}
