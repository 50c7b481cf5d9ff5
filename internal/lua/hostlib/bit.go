package hostlib

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// bitFunctions are operations on integers of 32 bits, with the meaning that they have in LuaJIT
// (https://bitop.luajit.org/semantics.html): numbers are taken modulo 2^32, results are signed, and of a shift count
// only the lowest five bits count.
func bitFunctions() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"band":    combine(func(a, b uint32) uint32 { return a & b }),
		"bor":     combine(func(a, b uint32) uint32 { return a | b }),
		"bxor":    combine(func(a, b uint32) uint32 { return a ^ b }),
		"bnot":    func(L *lua.LState) int { return pushBits(L, ^bits(L, 1)) },
		"lshift":  shift(func(a uint32, n uint) uint32 { return a << n }),
		"rshift":  shift(func(a uint32, n uint) uint32 { return a >> n }),
		"arshift": shift(func(a uint32, n uint) uint32 { return uint32(int32(a) >> n) }),
	}
}

// combine makes a function of one or more integers.
func combine(op func(a, b uint32) uint32) lua.LGFunction {
	return func(L *lua.LState) int {
		result := bits(L, 1)
		for i := 2; i <= L.GetTop(); i++ {
			result = op(result, bits(L, i))
		}
		return pushBits(L, result)
	}
}

func shift(op func(a uint32, n uint) uint32) lua.LGFunction {
	return func(L *lua.LState) int {
		return pushBits(L, op(bits(L, 1), uint(bits(L, 2)&31)))
	}
}

// bits reads an integer modulo 2^32. A fraction is rounded to the nearest integer, to the even one of two.
func bits(L *lua.LState, at int) uint32 {
	n := math.RoundToEven(args.Number(L, at))
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return 0
	}
	return uint32(int64(math.Mod(n, 1<<32)))
}

func pushBits(L *lua.LState, n uint32) int {
	L.Push(machine.NumberValue(float64(int32(n))))
	return 1
}
