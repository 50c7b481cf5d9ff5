package machine

import (
	"math"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
	"github.com/hookrun/hookrun/internal/lua/number"
)

// The shortcuts of this file are those for numbers, and for what is compared.

// Number makes a whole number where it costs least.
func Number(L *lua.LState, n int64) lua.LValue { return StackOf(L).number(float64(n)) }

// number makes a number. It keeps 0 and -0 apart. A small whole number exists already, others are made in the slabs of
// gopher-lua.
func (r *Registry) number(n float64) lua.LValue {
	if whole := int64(n); 0 <= whole && whole < number.Small && float64(whole) == n && (whole != 0 || !math.Signbit(n)) {
		return number.Of(whole)
	}
	al := r.alloc
	if len(al.fptrs) == cap(al.fptrs) {
		al.fptrs = make([]float64, 0, al.size)
	}
	al.fptrs = append(al.fptrs, n)
	var v lua.LValue = lua.LNumber(0)
	(*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1] = unsafe.Pointer(&al.fptrs[len(al.fptrs)-1]) // an interface: its type and its value
	return v
}

// Made is the numbers in the slab that the next one goes into.
func (r *Registry) Made() []float64 { return r.alloc.fptrs }

// Unmake takes the allocator back to where it was, for code that executes an instruction more than once.
func (r *Registry) Unmake(made []float64) { r.alloc.fptrs = made }

// numbers are the operands of an instruction where both are numbers.
func (r *Registry) numbers(cf *CallFrame, inst bytecode.Instruction) (a, b float64, ok bool) {
	x, ok := r.operand(cf, inst.B()).(lua.LNumber)
	y, both := r.operand(cf, inst.C()).(lua.LNumber)
	return float64(x), float64(y), ok && both
}

func (r *Registry) add(_ *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	a, b, ok := r.numbers(cf, inst)
	if ok {
		r.set(placeA(cf, inst), r.number(a+b))
	}
	return ok
}

func (r *Registry) subtract(_ *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	a, b, ok := r.numbers(cf, inst)
	if ok {
		r.set(placeA(cf, inst), r.number(a-b))
	}
	return ok
}

func (r *Registry) multiply(_ *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	a, b, ok := r.numbers(cf, inst)
	if ok {
		r.set(placeA(cf, inst), r.number(a*b))
	}
	return ok
}

func (r *Registry) divide(_ *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	a, b, ok := r.numbers(cf, inst)
	if ok {
		r.set(placeA(cf, inst), r.number(a/b))
	}
	return ok
}

func (r *Registry) remainder(_ *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	a, b, ok := r.numbers(cf, inst)
	if ok {
		r.set(placeA(cf, inst), r.number(number.Mod(a, b)))
	}
	return ok
}

// count executes a step of a numeric for loop, except for the last one.
func (r *Registry) count(_ *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	at := placeA(cf, inst)
	n, ok := r.Array[at].(lua.LNumber)
	limit, both := r.Array[at+1].(lua.LNumber)
	step, all := r.Array[at+2].(lua.LNumber)
	if !ok || !both || !all {
		return false
	}
	n += step
	if goesOn := step > 0 && n <= limit || step <= 0 && n >= limit; !goesOn {
		return false
	}
	v := r.number(float64(n) + 0) // gopher-lua makes 0 of -0
	r.set(at, v)
	r.set(at+3, v)
	cf.Pc += inst.Jump()
	return true
}

// equal compares. Like the shortcuts that follow, it goes on with the jump that comes next, or behind that jump.
func (r *Registry) equal(_ *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	a, b := r.operand(cf, inst.B()), r.operand(cf, inst.C())
	holds := false
	switch x := a.(type) {
	case lua.LString:
		y, ok := b.(lua.LString)
		holds = ok && x == y
	case lua.LNumber:
		y, ok := b.(lua.LNumber)
		holds = ok && x == y
	case lua.LBool:
		y, ok := b.(lua.LBool)
		holds = ok && x == y
	case *lua.LNilType:
		holds = b == lua.LNil
	default:
		return false
	}
	return b != nil && cf.choose(holds, inst)
}

func (r *Registry) less(_ *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	a, b, ok := r.numbers(cf, inst)
	return ok && cf.choose(a < b, inst)
}

func (r *Registry) lessEqual(_ *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	a, b, ok := r.numbers(cf, inst)
	return ok && cf.choose(a <= b, inst)
}

// choose skips the jump where a comparison does not have the result that the instruction asks for.
func (cf *CallFrame) choose(holds bool, inst bytecode.Instruction) bool {
	if holds != (inst.A() != 0) {
		cf.Pc++
	}
	return true
}

// test looks whether a value is neither nil nor false.
func (r *Registry) test(_ *lua.LState, cf *CallFrame, inst bytecode.Instruction) bool {
	v := r.Array[placeA(cf, inst)]
	if v == nil {
		return false
	}
	holds := true
	switch x := v.(type) {
	case *lua.LNilType:
		holds = false
	case lua.LBool:
		holds = bool(x)
	}
	if holds == (inst.C() == 0) {
		cf.Pc++
	}
	return true
}
