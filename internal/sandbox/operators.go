package sandbox

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/number"
)

// step executes an instruction; its result is 1 where the main loop is to be left.
type step = func(L *lua.LState, inst uint32, base *callFrame) int

// steps are what the main loop does at each instruction: what gopher-lua does, except for the operators in which
// gopher-lua differs from Lua 5.1. gopher-lua's operators know one zero, have another remainder, read strings as
// numbers by rules of their own, and call no metamethod that is a table.
var steps = func() (steps [lua.OP_NOP + 1]step) {
	copy(steps[:], instructions[:])
	for _, op := range []int{lua.OP_ADD, lua.OP_SUB, lua.OP_MUL, lua.OP_DIV, lua.OP_MOD, lua.OP_POW} {
		steps[op] = arithmetic
	}
	steps[lua.OP_UNM], steps[lua.OP_LEN] = negate, length
	steps[lua.OP_EQ], steps[lua.OP_LT], steps[lua.OP_LE] = compareEqual, compareLess, compareLessEqual
	steps[lua.OP_FORPREP] = prepareFor
	return steps
}()

// arithmetic is an operation on two operands.
func arithmetic(L *lua.LState, inst uint32, base *callFrame) int {
	r, f, op := stackOf(L), *currentOf(L), int(inst>>26)
	a, b := orNil(r.operand(f, operandB(inst))), orNil(r.operand(f, operandC(inst)))
	x, ok := a.(lua.LNumber)
	y, both := b.(lua.LNumber)
	if ok && both {
		n := calculate(op, float64(x), float64(y))
		if whole := int64(n); op >= lua.OP_MOD || 0 <= whole && whole < number.Small && float64(whole) == n {
			r.set(placeA(f, inst), numberValue(n))
			return 0
		}
		return instructions[op](L, inst, base) // which allocates numbers in slabs
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
	return math.Pow(a, b)
}

// numberValue is a number as a Lua value. It keeps 0 and -0 apart.
func numberValue(n float64) lua.LValue {
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
func operate(L *lua.LState, f *callFrame, inst uint32, a, b lua.LValue) lua.LValue {
	op := int(inst >> 26)
	x, ok := plainNumber(a)
	y, both := plainNumber(b)
	if ok && both {
		return numberValue(calculate(op, x, y))
	}
	meta := L.GetMetaField(a, events[op])
	if meta == lua.LNil {
		meta = L.GetMetaField(b, events[op])
	}
	if meta != lua.LNil {
		return callMeta(L, meta, a, b)
	}
	culprit := operandC(inst)
	if !ok {
		culprit = operandB(inst)
	}
	L.RaiseError("%s", f.attempt(L, "perform arithmetic on", culprit))
	return nil
}

// callMeta calls a metamethod, for one result.
func callMeta(L *lua.LState, meta lua.LValue, args ...lua.LValue) lua.LValue {
	if _, ok := meta.(*lua.LFunction); !ok && !callable(L, meta) {
		fault(L, "attempt to call a "+typeName(meta)+" value")
	}
	L.Push(meta)
	for _, v := range args {
		L.Push(v)
	}
	L.Call(len(args), 1)
	v := orNil(L.Get(-1))
	L.Pop(1)
	return v
}

// fault raises the error of an operation, with a place where a Lua function does the operation.
func fault(L *lua.LState, message string) {
	if topFrame(L).Fn.IsG {
		L.Error(lua.LString(message), 0)
	}
	L.RaiseError("%s", message)
}

// callable reports whether a value that is no function can be called.
func callable(L *lua.LState, v lua.LValue) bool {
	_, ok := L.GetMetaField(v, "__call").(*lua.LFunction)
	return ok
}

func negate(L *lua.LState, inst uint32, base *callFrame) int {
	r, f := stackOf(L), *currentOf(L)
	v := orNil(r.operand(f, operandB(inst)))
	if _, ok := v.(lua.LNumber); ok {
		return instructions[lua.OP_UNM](L, inst, base)
	}
	at := placeA(f, inst)
	if n, ok := plainNumber(v); ok {
		r.set(at, numberValue(-n))
		return 0
	}
	meta := L.GetMetaField(v, "__unm")
	if meta == lua.LNil {
		L.RaiseError("%s", f.attempt(L, "perform arithmetic on", operandB(inst)))
	}
	v = callMeta(L, meta, v, v)
	r.set(at, v)
	return 0
}

// length is gopher-lua's, except for a list that is too long, and where the metamethod is not a function.
func length(L *lua.LState, inst uint32, base *callFrame) int {
	r, f := stackOf(L), *currentOf(L)
	t, ok := orNil(r.operand(f, operandB(inst))).(*lua.LTable)
	if ok && overfull(t) {
		L.RaiseError(tooLong)
	}
	if !ok || t.Metatable == lua.LNil {
		return instructions[lua.OP_LEN](L, inst, base)
	}
	meta := L.GetMetaField(t, "__len")
	if meta == lua.LNil || meta.Type() == lua.LTFunction {
		return instructions[lua.OP_LEN](L, inst, base)
	}
	at := placeA(f, inst)
	v := callMeta(L, meta, t)
	r.set(at, v)
	return 0
}

// prepareFor begins a numeric loop, whose numbers may be given as strings.
func prepareFor(L *lua.LState, inst uint32, base *callFrame) int {
	r, f := stackOf(L), *currentOf(L)
	at := placeA(f, inst)
	for i, name := range [...]string{"initial value", "limit", "step"} {
		if _, ok := r.array[at+i].(lua.LNumber); ok {
			continue
		}
		n, ok := plainNumber(r.array[at+i])
		if !ok {
			L.RaiseError("'for' %s must be a number", name)
		}
		r.array[at+i] = lua.LNumber(n)
	}
	return instructions[lua.OP_FORPREP](L, inst, base)
}
