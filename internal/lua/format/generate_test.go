package format

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/hookrun/hookrun/internal/testkit/lua51"
)

// generator makes formats, numbers and words that look like numbers.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 51))} }

func (g generator) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g generator) times(most int, make func() string) string {
	var b strings.Builder
	for range g.IntN(most + 1) {
		b.WriteString(make())
	}
	return b.String()
}

// odd are numbers at the borders of what the conversions do.
var odd = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, 1.5, 2.5, -0.5, 0.125, 9.5, 99.5, 0.05, 0.1, 9.9999995, 999999.5, 123456.5, 1e5, 1e6, 1e-4, 1e-5, 9.99995e-5,
	99999999999999, 1e14, 1e15, 123456789012345, 1e16, 1e21, 1e22, 1e23, 1 << 31, 1<<31 - 1, -1 << 31, 1 << 32, 1 << 53, 1<<53 + 2, 1 << 62, two63, 1 << 64, 1<<64 - 2048, -two63, -two63 - 2048,
	math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 2.2250738585072014e-308, math.Inf(1), math.Inf(-1), math.NaN(), math.Copysign(math.NaN(), -1), math.Pi, -math.E,
}

func (g generator) number() float64 {
	switch g.IntN(6) {
	case 0:
		return odd[g.IntN(len(odd))]
	case 1:
		return float64(g.IntN(2000) - 1000)
	case 2:
		return float64(g.IntN(2_000_000)-1_000_000) / 1000
	case 3: // a tie for some precision
		return (float64(g.IntN(1000)) + 0.5) * math.Pow(2, float64(g.IntN(40)-20))
	case 4:
		return math.Trunc(g.NormFloat64() * math.Pow(10, float64(g.IntN(22))))
	default:
		return clean(math.Float64frombits(g.Uint64()))
	}
}

// clean replaces the other NaNs, which Lua has no word for.
func clean(v float64) float64 {
	if math.IsNaN(v) {
		return math.NaN()
	}
	return v
}

func (g generator) layout() string {
	spec := g.times(3, func() string { return g.pick("-", "+", " ", "#", "0") })
	spec += g.pick("", "", "", fmt.Sprint(g.IntN(30)), "99", "07")
	return spec + g.pick("", "", "", ".", fmt.Sprint(".", g.IntN(25)), ".99", ".0")
}

// format is a call of format with one argument.
func (g generator) format() lua51.Call {
	before, after := g.pick("", "", "a", "%%", "\x00", "100%% "), g.pick("", "", "|", "%%", "\x00")
	switch g.IntN(12) {
	case 0: // mostly a mistake
		verb := g.pick("y", "F", "a", "l", "", "-", ".", "%", "\xff", "100d", ".100d", "------d", "\x00")
		return lua51.Call{Func: "format", Args: []any{before + "%" + g.layout() + verb + after, 1.0}}
	case 1, 2:
		text := g.times(8, func() string {
			return g.pick("a", "\xe9", "\"", "\\", "\n", "\r", " ", "0", "%d", strings.Repeat("long ", 30))
		})
		return lua51.Call{Func: "format", Args: []any{before + "%" + g.layout() + g.pick("s", "s", "q") + after, text}}
	case 3:
		return lua51.Call{Func: "format", Args: []any{"%" + g.layout() + "c", float64(1+g.IntN(255)) + g.Float64()}}
	case 4:
		return lua51.Call{Func: "format", Args: []any{"%" + g.layout() + g.pick("d", "f"), g.numeral()}}
	default:
		verb, layout := g.pick("d", "i", "o", "u", "x", "X", "e", "E", "f", "g", "G"), g.layout()
		if verb == "g" || verb == "G" {
			layout = strings.ReplaceAll(layout, "#", "") // glibc drops zeros where it rounds up to the next power of ten
		}
		return lua51.Call{Func: "format", Args: []any{before + "%" + layout + verb + after, g.number()}}
	}
}

// numeral is a string that is a number, in most cases.
func (g generator) numeral() string {
	space := func() string { return g.pick("", "", "", " ", "\t\n", "\v\f\r") }
	digits := func() string { return g.times(6, func() string { return fmt.Sprint(g.IntN(2000)) }) }
	body := ""
	switch g.IntN(6) {
	case 0:
		body = g.pick("0x", "0X") + g.times(20, func() string { return g.pick("0", "1", "8", "a", "F", "f", "E") })
	case 1:
		body = g.times(5, func() string { return g.pick("1", "0", ".", "e", "E", "+", "-", "_", "b", "o", " ", "x", "i") })
	case 2:
		body = digits() + "." + digits() + g.pick("e", "E") + g.pick("", "+", "-") + digits()
	default:
		body = digits() + g.pick("", "."+digits()) + g.pick("", fmt.Sprint("e", g.IntN(700)-350))
	}
	if text := strings.ToLower(body); strings.Contains(text, "x") && strings.ContainsAny(text, ".p") {
		return "" // the C library reads hexadecimal fractions, this package does not
	}
	return space() + g.pick("", "", "-", "+") + body + space()
}

// calls are n calls of each function.
func (g generator) calls(n int) []lua51.Call {
	var calls []lua51.Call
	for range n {
		base := 2 + g.IntN(35)
		word := g.times(18, func() string { return string("0123456789abcdefghijklmnopqrstuvwxyzABCDEF"[g.IntN(min(base, 42))]) })
		word = g.pick("", "", " ", "-", "+", "0x", "\n-") + word + g.pick("", "", "", " ", "\t\v", "z", "_")
		calls = append(calls,
			g.format(), g.format(), g.format(),
			lua51.Call{Func: "tostring", Args: []any{g.number()}},
			lua51.Call{Func: "tonumber", Args: []any{g.numeral()}},
			lua51.Call{Func: "tonumber", Args: []any{word, float64(base)}},
		)
	}
	return calls
}
