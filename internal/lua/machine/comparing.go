package machine

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
)

// Comparisons are gopher-lua's, except between two tables with metatables, where a metamethod may be a table that can
// be called.

func compareEqual(L *lua.LState, inst bytecode.Instruction, base *CallFrame) int {
	a, b, ok := tableOperands(L, inst)
	if !ok || a == b {
		return Instructions[lua.OP_EQ](L, inst, base)
	}
	meta := SharedMeta(L, a, b, "__eq")
	if meta == lua.LNil || meta.Type() == lua.LTFunction {
		return Instructions[lua.OP_EQ](L, inst, base)
	}
	f := *CurrentOf(L)
	f.branch(inst, lua.LVAsBool(CallMeta(L, meta, a, b)))
	return 0
}

func compareLess(L *lua.LState, inst bytecode.Instruction, base *CallFrame) int {
	a, b, ok := tableOperands(L, inst)
	if !ok {
		return Instructions[lua.OP_LT](L, inst, base)
	}
	f := *CurrentOf(L)
	f.branch(inst, tableLess(L, a, b))
	return 0
}

func compareLessEqual(L *lua.LState, inst bytecode.Instruction, base *CallFrame) int {
	a, b, ok := tableOperands(L, inst)
	if !ok {
		return Instructions[lua.OP_LE](L, inst, base)
	}
	f := *CurrentOf(L)
	if meta := SharedMeta(L, a, b, "__le"); meta != lua.LNil {
		f.branch(inst, lua.LVAsBool(CallMeta(L, meta, a, b)))
	} else {
		f.branch(inst, !tableLess(L, b, a))
	}
	return 0
}

// tableOperands returns the operands of a comparison where both are tables with a metatable.
func tableOperands(L *lua.LState, inst bytecode.Instruction) (a, b *lua.LTable, ok bool) {
	r, f := StackOf(L), *CurrentOf(L)
	if a, ok = r.operand(f, inst.B()).(*lua.LTable); !ok || a.Metatable == lua.LNil {
		return nil, nil, false
	}
	b, ok = r.operand(f, inst.C()).(*lua.LTable)
	return a, b, ok && b.Metatable != lua.LNil
}

// SharedMeta returns the metamethod that two tables have in common, or nil: one that only one of them has does not
// compare them.
func SharedMeta(L *lua.LState, a, b *lua.LTable, event string) lua.LValue {
	meta := L.GetMetaField(a, event)
	if meta == lua.LNil || meta != L.GetMetaField(b, event) {
		return lua.LNil
	}
	return meta
}

// tableLess is < for two tables.
func tableLess(L *lua.LState, a, b *lua.LTable) bool {
	meta := SharedMeta(L, a, b, "__lt")
	if meta == lua.LNil {
		L.RaiseError("%s", Incomparable(a, b))
	}
	return lua.LVAsBool(CallMeta(L, meta, a, b))
}

// branch skips the jump that follows a comparison, unless that jump is to be made.
func (f *CallFrame) branch(inst bytecode.Instruction, holds bool) {
	if unless := inst.A() != 0; holds != unless {
		f.Pc++
	}
}
