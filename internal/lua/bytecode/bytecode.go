// Package bytecode reads and writes the instructions of compiled functions, as gopher-lua's opcode.go lays them out.
package bytecode

import (
	"iter"

	lua "github.com/yuin/gopher-lua"
)

// Instruction is one word of a function's code.
type Instruction uint32

// Size is how many bytes an instruction takes.
const Size = 4

// New makes an instruction with the operands A, B and C.
func New(op, a, b, c int) Instruction { return Instruction(op<<26 | a<<18 | c<<9 | b) }

// Op is the operation, one of gopher-lua's OP_ constants.
func (i Instruction) Op() int { return int(i >> 26) }

// A is the first operand, a register.
func (i Instruction) A() int { return int(i >> 18 & 0xff) }

// B is the second operand, which may be a constant.
func (i Instruction) B() int { return int(i & 0x1ff) }

// C is the third operand, which may be a constant.
func (i Instruction) C() int { return int(i >> 9 & 0x1ff) }

// Bx is the operand in the place of B and C.
func (i Instruction) Bx() int { return int(i & maxBx) }

// Jump is how many instructions a jump skips.
func (i Instruction) Jump() int { return i.Bx() - maxBx/2 }

const maxBx = 1<<18 - 1

// Instructions goes through a function's code, without the words after each OP_CLOSURE: they only tell what it
// captures.
func Instructions(f *lua.FunctionProto) iter.Seq2[int, Instruction] {
	return func(yield func(pc int, i Instruction) bool) {
		for pc := 0; pc < len(f.Code); pc++ {
			i := Instruction(f.Code[pc])
			if !yield(pc, i) {
				return
			}
			if i.Op() == lua.OP_CLOSURE {
				pc += int(f.FunctionPrototypes[i.Bx()].NumUpvalues)
			}
		}
	}
}

// ConstantBit tells a constant from a register, in an operand that may be either.
const ConstantBit = 1 << 8

// Sets reports whether an instruction puts a value into a register. The instructions by which a loop sets its own
// registers do not count.
func (i Instruction) Sets(register int) bool {
	switch i.Op() {
	case lua.OP_CALL, lua.OP_VARARG:
		return i.A() <= register
	case lua.OP_LOADNIL:
		return i.A() <= register && register <= i.B()
	case lua.OP_SELF:
		return i.A() == register || i.A()+1 == register
	case lua.OP_MOVE, lua.OP_MOVEN, lua.OP_LOADK, lua.OP_LOADBOOL, lua.OP_GETUPVAL, lua.OP_GETGLOBAL, lua.OP_GETTABLE, lua.OP_GETTABLEKS,
		lua.OP_NEWTABLE, lua.OP_ADD, lua.OP_SUB, lua.OP_MUL, lua.OP_DIV, lua.OP_MOD, lua.OP_POW, lua.OP_UNM, lua.OP_NOT, lua.OP_LEN,
		lua.OP_CONCAT, lua.OP_CLOSURE:
		return i.A() == register
	}
	return false
}
