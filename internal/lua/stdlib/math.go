package stdlib

import (
	"math"
	"math/rand/v2"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/number"
)

// mathFunctions are Lua's math library without its random numbers. gopher-lua's reads strings as numbers by other
// rules, and has no minus zero.
func mathFunctions() map[string]lua.LGFunction {
	functions := map[string]lua.LGFunction{
		"fmod": onNumbers(math.Mod), "pow": onNumbers(number.Pow), "atan2": onNumbers(number.Atan2),
		"max": furthest(func(a, b float64) bool { return a > b }), "min": furthest(func(a, b float64) bool { return a < b }),
		"frexp": frexp, "ldexp": ldexp, "modf": modf,
	}
	for name, f := range map[string]func(float64) float64{
		"abs": math.Abs, "acos": arcCosine, "asin": arcSine, "atan": math.Atan, "ceil": math.Ceil, "cos": math.Cos, "cosh": number.Cosh,
		"exp": number.Exp, "floor": math.Floor, "log": number.Log, "log10": number.Log10, "sin": math.Sin, "sinh": number.Sinh, "sqrt": math.Sqrt,
		"tan": number.Tan, "tanh": math.Tanh,
		"deg": func(n float64) float64 { return n / (math.Pi / 180) },
		"rad": func(n float64) float64 { return n * (math.Pi / 180) },
	} {
		functions[name] = onNumber(f)
	}
	return functions
}

// arcSine and arcCosine lose no digits where the sine is near 1, as Go's do.
func arcSine(x float64) float64   { return math.Atan2(x, math.Sqrt((1-x)*(1+x))) }
func arcCosine(x float64) float64 { return math.Atan2(math.Sqrt((1-x)*(1+x)), x) }

func onNumber(f func(float64) float64) lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(machine.NumberValue(f(args.Number(L, 1))))
		return 1
	}
}

func onNumbers(f func(a, b float64) float64) lua.LGFunction {
	return func(L *lua.LState) int {
		b := args.Number(L, 2) // checked first, as in Lua 5.1
		L.Push(machine.NumberValue(f(args.Number(L, 1), b)))
		return 1
	}
}

// furthest is max or min.
func furthest(further func(a, b float64) bool) lua.LGFunction {
	return func(L *lua.LState) int {
		found := args.Number(L, 1)
		for i := 2; i <= L.GetTop(); i++ {
			if n := args.Number(L, i); further(n, found) {
				found = n
			}
		}
		L.Push(machine.NumberValue(found))
		return 1
	}
}

func frexp(L *lua.LState) int {
	fraction, exponent := math.Frexp(args.Number(L, 1))
	L.Push(machine.NumberValue(fraction))
	L.Push(machine.NumberValue(float64(exponent)))
	return 2
}

func ldexp(L *lua.LState) int {
	exponent := args.Int(L, 2)
	L.Push(machine.NumberValue(math.Ldexp(args.Number(L, 1), exponent)))
	return 1
}

func modf(L *lua.LState) int {
	n := args.Number(L, 1)
	whole, fraction := math.Trunc(n), math.Copysign(0, n)
	if !math.IsInf(n, 0) {
		fraction = math.Copysign(n-whole, n)
	}
	L.Push(machine.NumberValue(whole))
	L.Push(machine.NumberValue(fraction))
	return 2
}

// NewRandom returns math.random and math.randomseed with a generator of their own. Drawn and seeded are told before a
// number is drawn, and when a seed was set.
func NewRandom(source *rand.PCG, drawn func(*lua.LState), seeded func()) (random, seed lua.LGFunction) {
	generator := rand.New(source)
	random = func(L *lua.LState) int { return draw(L, generator, drawn) }
	seed = func(L *lua.LState) int {
		source.Seed(math.Float64bits(args.Number(L, 1)), 0)
		seeded()
		return 0
	}
	return random, seed
}

// draw is math.random.
func draw(L *lua.LState, rnd *rand.Rand, drawn func(*lua.LState)) int {
	low, high := 1.0, 0.0
	switch L.GetTop() {
	case 0:
		drawn(L)
		L.Push(lua.LNumber(rnd.Float64()))
		return 1
	case 1:
		high = args.Whole(L, 1)
	case 2:
		low = args.Whole(L, 1)
		high = args.Whole(L, 2)
	default:
		machine.Raise(L, "wrong number of arguments")
	}
	if !(low <= high) {
		args.Bad(L, L.GetTop(), "interval is empty")
	}
	if !(high-low < 1<<53) { // which is no number where both are infinite
		args.Bad(L, L.GetTop(), "interval is too wide")
	}
	drawn(L)
	L.Push(machine.NumberValue(low + float64(rnd.Int64N(int64(high-low)+1))))
	return 1
}
