package syntax

import (
	"slices"

	lua "github.com/yuin/gopher-lua"
)

// patch makes the corrections that no source can express in a compiled function and in those inside it, checks them,
// and gives back the spare capacity of their slices, which is most of their memory.
func patch(main *lua.FunctionProto, r *rewriter) {
	p := patcher{main, r.tags}
	p.function(main, r.locals)
}

type patcher struct {
	main *lua.FunctionProto
	tags []tag
}

func (p *patcher) function(f *lua.FunctionProto, locals []*local) {
	check(f)
	p.tagged(f)
	correctLists(f)
	passKeys(f)
	nameLocals(f, locals)
	f.Code = slices.Clone(f.Code)
	f.DbgSourcePositions = slices.Clone(f.DbgSourcePositions)
	f.Constants = slices.Clone(f.Constants)
	f.FunctionPrototypes = slices.Clone(f.FunctionPrototypes)
	f.DbgLocals = slices.Clone(f.DbgLocals)
	f.DbgCalls = slices.Clone(f.DbgCalls)
	f.DbgUpvalues = slices.Clone(f.DbgUpvalues)
	for _, inner := range f.FunctionPrototypes {
		t := p.tags[inner.LastLineDefined-tagBase]
		inner.LastLineDefined = t.line
		p.function(inner, t.locals)
	}
}

// tagged gives tagged instructions their true line and operands.
func (p *patcher) tagged(f *lua.FunctionProto) {
	for pc, line := range f.DbgSourcePositions {
		if line < tagBase {
			continue
		}
		t := p.tags[line-tagBase]
		f.DbgSourcePositions[pc] = t.line
		switch i := instruction(f.Code[pc]); {
		case t.kind == concatTag:
			f.Code[pc] = uint32(instructionABC(lua.OP_GETUPVAL, i.a(), 0, 0))
			f.NumUpvalues, f.DbgUpvalues = 1, []string{concatName}
		case t.kind == gotoTag && i.op() == lua.OP_CLOSE:
			f.Code[pc] = uint32(instructionABC(lua.OP_CLOSE, t.level, 0, 0))
		}
	}
	if f == p.main {
		shareConcat(f)
	}
}

// shareConcat lets the functions inside the main function take the concatenation function from where the main function
// has it, and not from the main function's variable, which belongs to a stack frame that an error can leave behind.
func shareConcat(main *lua.FunctionProto) {
	for pc := 0; pc < len(main.Code); pc++ {
		i := instruction(main.Code[pc])
		if i.op() != lua.OP_CLOSURE {
			continue
		}
		for n, name := range main.FunctionPrototypes[i.bx()].DbgUpvalues {
			if name == concatName {
				main.Code[pc+1+n] = uint32(instructionABC(lua.OP_GETUPVAL, 0, 0, 0))
			}
		}
		pc += len(main.FunctionPrototypes[i.bx()].DbgUpvalues)
	}
}

// correctLists corrects table constructors of more than fifty items. The compiler stores the items in groups of fifty.
// It stores a full group a second time when a field with a key follows, from registers that by then hold something
// else; and it stores what a call at the end returns over the last full group.
func correctLists(f *lua.FunctionProto) {
	var stored [256]int // the last group, by the register of the table
	for pc := 0; pc < len(f.Code); pc++ {
		i := instruction(f.Code[pc])
		switch i.op() {
		case lua.OP_CLOSURE:
			pc += int(f.FunctionPrototypes[i.bx()].NumUpvalues)
		case lua.OP_NEWTABLE:
			stored[i.a()] = 0
		case lua.OP_SETLIST:
			switch {
			case i.c() != stored[i.a()]:
				stored[i.a()] = i.c()
			case i.b() == 0:
				f.Code[pc] = uint32(instructionABC(lua.OP_SETLIST, i.a(), 0, i.c()+1))
			default:
				f.Code[pc] = uint32(instructionABC(lua.OP_NOP, 0, 0, 0))
			}
		}
	}
}

// passKeys makes reads and writes of named fields pass on the name as the constant that it is. The instructions that
// the compiler makes of them allocate a string for the name each time that a metamethod takes part, as one does in
// every view.
func passKeys(f *lua.FunctionProto) {
	for pc := 0; pc < len(f.Code); pc++ {
		i := instruction(f.Code[pc])
		switch i.op() {
		case lua.OP_CLOSURE:
			pc += int(f.FunctionPrototypes[i.bx()].NumUpvalues)
		case lua.OP_GETTABLEKS:
			f.Code[pc] = uint32(instructionABC(lua.OP_GETTABLE, i.a(), i.b(), i.c()))
		case lua.OP_SETTABLEKS:
			if i.b()&constantBit != 0 { // from a register it would look like a computed index
				f.Code[pc] = uint32(instructionABC(lua.OP_SETTABLE, i.a(), i.b(), i.c()))
			}
		}
	}
}

// instruction is a word of gopher-lua's code.
type instruction uint32

func instructionABC(op, a, b, c int) instruction {
	return instruction(op<<26 | a<<18 | c<<9 | b)
}

const (
	maxSbx      = 1<<17 - 1
	constantBit = 1 << 8 // tells a constant from a register in an operand that may be either
)

func (i instruction) op() int  { return int(i >> 26) }
func (i instruction) a() int   { return int(i>>18) & 0xff }
func (i instruction) b() int   { return int(i & 0x1ff) }
func (i instruction) c() int   { return int(i>>9) & 0x1ff }
func (i instruction) bx() int  { return int(i & 0x3ffff) }
func (i instruction) sbx() int { return i.bx() - maxSbx }
