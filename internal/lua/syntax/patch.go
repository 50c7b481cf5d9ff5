package syntax

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
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
		switch i := bytecode.Instruction(f.Code[pc]); {
		case t.kind == concatTag:
			f.Code[pc] = uint32(bytecode.New(lua.OP_GETUPVAL, i.A(), 0, 0))
			f.NumUpvalues, f.DbgUpvalues = 1, []string{concatName}
		case t.kind == gotoTag && i.Op() == lua.OP_CLOSE:
			f.Code[pc] = uint32(bytecode.New(lua.OP_CLOSE, t.level, 0, 0))
		}
	}
	if f == p.main {
		shareConcat(f)
	}
}

// shareConcat lets the functions inside the main function take the concatenation function from where the main function
// has it, and not from the main function's variable, which belongs to a stack frame that an error can leave behind.
func shareConcat(main *lua.FunctionProto) {
	for pc, i := range bytecode.Instructions(main) {
		if i.Op() != lua.OP_CLOSURE {
			continue
		}
		for n, name := range main.FunctionPrototypes[i.Bx()].DbgUpvalues {
			if name == concatName {
				main.Code[pc+1+n] = uint32(bytecode.New(lua.OP_GETUPVAL, 0, 0, 0))
			}
		}
	}
}

// correctLists corrects table constructors of more than fifty items. The compiler stores the items in groups of fifty.
// It stores a full group a second time when a field with a key follows, from registers that by then hold something
// else; and it stores what a call at the end returns over the last full group.
func correctLists(f *lua.FunctionProto) {
	var stored [256]int // the last group, by the register of the table
	for pc, i := range bytecode.Instructions(f) {
		switch i.Op() {
		case lua.OP_NEWTABLE:
			stored[i.A()] = 0
		case lua.OP_SETLIST:
			switch {
			case i.C() != stored[i.A()]:
				stored[i.A()] = i.C()
			case i.B() == 0:
				f.Code[pc] = uint32(bytecode.New(lua.OP_SETLIST, i.A(), 0, i.C()+1))
			default:
				f.Code[pc] = uint32(bytecode.New(lua.OP_NOP, 0, 0, 0))
			}
		}
	}
}

// passKeys makes reads and writes of named fields pass on the name as the constant that it is. The instructions that
// the compiler makes of them allocate a string for the name each time that a metamethod takes part, as one does in
// every view.
func passKeys(f *lua.FunctionProto) {
	for pc, i := range bytecode.Instructions(f) {
		switch i.Op() {
		case lua.OP_GETTABLEKS:
			f.Code[pc] = uint32(bytecode.New(lua.OP_GETTABLE, i.A(), i.B(), i.C()))
		case lua.OP_SETTABLEKS:
			if i.B()&bytecode.ConstantBit != 0 { // from a register it would look like a computed index
				f.Code[pc] = uint32(bytecode.New(lua.OP_SETTABLE, i.A(), i.B(), i.C()))
			}
		}
	}
}
