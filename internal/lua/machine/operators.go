package machine

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
	"github.com/hookrun/hookrun/internal/lua/number"
)

// step executes an instruction; its result is 1 where the main loop is to be left.
type step = func(L *lua.LState, inst bytecode.Instruction, base *CallFrame) int

// Steps are what the main loop does at each instruction: what gopher-lua does, except for the operators in which
// gopher-lua differs from Lua 5.1. gopher-lua's operators know one zero, have another remainder, read strings as
// numbers by rules of their own, and call no metamethod that is a table.
var Steps = func() (steps [lua.OP_NOP + 1]step) {
	copy(steps[:], Instructions[:])
	for _, op := range []int{lua.OP_ADD, lua.OP_SUB, lua.OP_MUL, lua.OP_DIV, lua.OP_MOD, lua.OP_POW} {
		steps[op] = arithmetic
	}
	steps[lua.OP_UNM], steps[lua.OP_LEN] = negate, length
	steps[lua.OP_EQ], steps[lua.OP_LT] = comparison(lua.OP_EQ, equal), comparison(lua.OP_LT, less)
	steps[lua.OP_LE] = comparison(lua.OP_LE, lessEqual)
	steps[lua.OP_FORPREP] = prepareFor
	return steps
}()

// arithmetic is an operation on two operands.
func arithmetic(L *lua.LState, inst bytecode.Instruction, base *CallFrame) int {
	r, f, op := StackOf(L), *CurrentOf(L), inst.Op()
	a, b := OrNil(r.operand(f, inst.B())), OrNil(r.operand(f, inst.C()))
	x, ok := a.(lua.LNumber)
	y, both := b.(lua.LNumber)
	if ok && both {
		n := calculate(op, float64(x), float64(y))
		if whole := int64(n); op >= lua.OP_MOD || 0 <= whole && whole < number.Small && float64(whole) == n {
			r.set(placeA(f, inst), NumberValue(n))
			return 0
		}
		return Instructions[op](L, inst, base) // which allocates numbers in slabs
	}
	at := placeA(f, inst)
	v := operate(L, f, inst, a, b)
	r.set(at, v)
	return 0
}

func calculate(op int, a, b float64) float64 {
	switch op {
	case lua.OP_ADD:
		return a + b
	case lua.OP_SUB:
		return a - b
	case lua.OP_MUL:
		return a * b
	case lua.OP_DIV:
		return a / b
	case lua.OP_MOD:
		return number.Mod(a, b)
	}
	return number.Pow(a, b)
}

// NumberValue is a number as a Lua value. It keeps 0 and -0 apart.
func NumberValue(n float64) lua.LValue {
	if n == 0 && math.Signbit(n) {
		return lua.LNumber(n)
	}
	if whole := int64(n); float64(whole) == n {
		return number.Of(whole)
	}
	return lua.LNumber(n)
}

// events are the metamethods of arithmetic, by instruction.
var events = [...]string{
	lua.OP_ADD: "__add", lua.OP_SUB: "__sub", lua.OP_MUL: "__mul", lua.OP_DIV: "__div", lua.OP_MOD: "__mod", lua.OP_POW: "__pow",
}

// operate is arithmetic on anything but two numbers.
func operate(L *lua.LState, f *CallFrame, inst bytecode.Instruction, a, b lua.LValue) lua.LValue {
	op := inst.Op()
	x, ok := PlainNumber(L, a)
	y, both := PlainNumber(L, b)
	if ok && both {
		return NumberValue(calculate(op, x, y))
	}
	meta := L.GetMetaField(a, events[op])
	if meta == lua.LNil {
		meta = L.GetMetaField(b, events[op])
	}
	if meta != lua.LNil {
		return CallMeta(L, meta, a, b)
	}
	culprit := inst.C()
	if !ok {
		culprit = inst.B()
	}
	L.RaiseError("%s", f.attempt(L, "perform arithmetic on", culprit))
	return nil
}

// CallMeta calls a metamethod, for one result.
func CallMeta(L *lua.LState, meta lua.LValue, args ...lua.LValue) lua.LValue {
	if _, ok := meta.(*lua.LFunction); !ok && !Callable(L, meta) {
		Fault(L, "attempt to call a "+TypeName(meta)+" value")
	}
	L.Push(meta)
	for _, v := range args {
		L.Push(v)
	}
	L.Call(len(args), 1)
	v := OrNil(L.Get(-1))
	L.Pop(1)
	return v
}

// Callable reports whether a value that is no function can be called.
func Callable(L *lua.LState, v lua.LValue) bool {
	_, ok := L.GetMetaField(v, "__call").(*lua.LFunction)
	return ok
}

func negate(L *lua.LState, inst bytecode.Instruction, base *CallFrame) int {
	r, f := StackOf(L), *CurrentOf(L)
	v := OrNil(r.operand(f, inst.B()))
	if _, ok := v.(lua.LNumber); ok {
		return Instructions[lua.OP_UNM](L, inst, base)
	}
	at := placeA(f, inst)
	if n, ok := PlainNumber(L, v); ok {
		r.set(at, NumberValue(-n))
		return 0
	}
	meta := L.GetMetaField(v, "__unm")
	if meta == lua.LNil {
		L.RaiseError("%s", f.attempt(L, "perform arithmetic on", inst.B()))
	}
	v = CallMeta(L, meta, v, v)
	r.set(at, v)
	return 0
}

// length is gopher-lua's for strings, and where a metamethod that is a function tells it.
func length(L *lua.LState, inst bytecode.Instruction, base *CallFrame) int {
	r, f := StackOf(L), *CurrentOf(L)
	t, ok := OrNil(r.operand(f, inst.B())).(*lua.LTable)
	if ok && overfull(t) {
		L.RaiseError(TooLong)
	}
	if !ok {
		return Instructions[lua.OP_LEN](L, inst, base)
	}
	at := placeA(f, inst)
	meta := lua.LValue(lua.LNil)
	if t.Metatable != lua.LNil {
		meta = L.GetMetaField(t, "__len")
	}
	switch meta.Type() {
	case lua.LTNil:
		r.set(at, Number(L, int64(trimmed(t))))
		return 0
	case lua.LTFunction:
		return Instructions[lua.OP_LEN](L, inst, base)
	}
	v := CallMeta(L, meta, t)
	r.set(at, v)
	return 0
}

// prepareFor begins a numeric loop, whose numbers may be given as strings.
func prepareFor(L *lua.LState, inst bytecode.Instruction, base *CallFrame) int {
	r, f := StackOf(L), *CurrentOf(L)
	at := placeA(f, inst)
	for i, name := range [...]string{"initial value", "limit", "step"} {
		if _, ok := r.Array[at+i].(lua.LNumber); ok {
			continue
		}
		n, ok := PlainNumber(L, r.Array[at+i])
		if !ok {
			L.RaiseError("'for' %s must be a number", name)
		}
		r.Array[at+i] = lua.LNumber(n)
	}
	return Instructions[lua.OP_FORPREP](L, inst, base)
}

// comparison makes the function of an instruction that compares. It is gopher-lua's, except between two tables with
// metatables, where a metamethod may be a table that can be called. The result is known where the comparison is made.
func comparison(op int, compare func(L *lua.LState, a, b *lua.LTable) (holds, known bool)) step {
	return func(L *lua.LState, inst bytecode.Instruction, base *CallFrame) int {
		r, f := StackOf(L), *CurrentOf(L)
		a, ok := r.operand(f, inst.B()).(*lua.LTable)
		b, both := r.operand(f, inst.C()).(*lua.LTable)
		if ok && both && a.Metatable != lua.LNil && b.Metatable != lua.LNil {
			if holds, known := compare(L, a, b); known {
				if unless := inst.A() != 0; holds != unless {
					f.Pc++ // over the jump that follows
				}
				return 0
			}
		}
		return Instructions[op](L, inst, base)
	}
}

func equal(L *lua.LState, a, b *lua.LTable) (holds, known bool) {
	if a == b {
		return false, false
	}
	meta := SharedMeta(L, a, b, "__eq")
	if meta == lua.LNil || meta.Type() == lua.LTFunction {
		return false, false
	}
	return lua.LVAsBool(CallMeta(L, meta, a, b)), true
}

func less(L *lua.LState, a, b *lua.LTable) (holds, known bool) {
	meta := SharedMeta(L, a, b, "__lt")
	if meta == lua.LNil {
		L.RaiseError("%s", Incomparable(a, b))
	}
	return lua.LVAsBool(CallMeta(L, meta, a, b)), true
}

func lessEqual(L *lua.LState, a, b *lua.LTable) (holds, known bool) {
	if meta := SharedMeta(L, a, b, "__le"); meta != lua.LNil {
		return lua.LVAsBool(CallMeta(L, meta, a, b)), true
	}
	more, _ := less(L, b, a)
	return !more, true
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
