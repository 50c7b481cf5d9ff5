package sandbox

import lua "github.com/yuin/gopher-lua"

// Comparisons are gopher-lua's, except between two tables with metatables, where a metamethod may be a table that can
// be called.

func compareEqual(L *lua.LState, inst uint32, base *callFrame) int {
	a, b, ok := tableOperands(L, inst)
	if !ok || a == b {
		return instructions[lua.OP_EQ](L, inst, base)
	}
	meta := sharedMeta(L, a, b, "__eq")
	if meta == lua.LNil || meta.Type() == lua.LTFunction {
		return instructions[lua.OP_EQ](L, inst, base)
	}
	f := *currentOf(L)
	f.branch(inst, lua.LVAsBool(callMeta(L, meta, a, b)))
	return 0
}

func compareLess(L *lua.LState, inst uint32, base *callFrame) int {
	a, b, ok := tableOperands(L, inst)
	if !ok {
		return instructions[lua.OP_LT](L, inst, base)
	}
	f := *currentOf(L)
	f.branch(inst, tableLess(L, a, b))
	return 0
}

func compareLessEqual(L *lua.LState, inst uint32, base *callFrame) int {
	a, b, ok := tableOperands(L, inst)
	if !ok {
		return instructions[lua.OP_LE](L, inst, base)
	}
	f := *currentOf(L)
	if meta := sharedMeta(L, a, b, "__le"); meta != lua.LNil {
		f.branch(inst, lua.LVAsBool(callMeta(L, meta, a, b)))
	} else {
		f.branch(inst, !tableLess(L, b, a))
	}
	return 0
}

// tableOperands returns the operands of a comparison where both are tables with a metatable.
func tableOperands(L *lua.LState, inst uint32) (a, b *lua.LTable, ok bool) {
	r, f := stackOf(L), *currentOf(L)
	if a, ok = r.operand(f, operandB(inst)).(*lua.LTable); !ok || a.Metatable == lua.LNil {
		return nil, nil, false
	}
	b, ok = r.operand(f, operandC(inst)).(*lua.LTable)
	return a, b, ok && b.Metatable != lua.LNil
}

// sharedMeta returns the metamethod that two tables have in common, or nil: one that only one of them has does not
// compare them.
func sharedMeta(L *lua.LState, a, b *lua.LTable, event string) lua.LValue {
	meta := L.GetMetaField(a, event)
	if meta == lua.LNil || meta != L.GetMetaField(b, event) {
		return lua.LNil
	}
	return meta
}

// tableLess is < for two tables.
func tableLess(L *lua.LState, a, b *lua.LTable) bool {
	meta := sharedMeta(L, a, b, "__lt")
	if meta == lua.LNil {
		L.RaiseError("%s", incomparable(a, b))
	}
	return lua.LVAsBool(callMeta(L, meta, a, b))
}

// branch skips the jump that follows a comparison, unless that jump is to be made.
func (f *callFrame) branch(inst uint32, holds bool) {
	if unless := inst>>18&0xff != 0; holds != unless {
		f.Pc++
	}
}
