package pattern

import (
	"math/rand/v2"
	"strings"

	"github.com/hookrun/hookrun/internal/testkit/lua51"
)

// generator makes patterns and texts that have much to do with one another.
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

func (g generator) subject() string {
	return g.times(12, func() string {
		c := g.pick("a", "a", "b", "b", "x", "A", "Z", "1", "9", " ", ".", "-", "]", "[", "^", "%", "(", ")", "\x00", "\n", "\xe9", "_", "$")
		return strings.Repeat(c, 1+g.IntN(3)/2)
	})
}

func (g generator) pattern() string {
	return g.pick("", "", "^") + g.times(6, g.item) + g.pick("", "", "", "$")
}

func (g generator) item() string {
	switch g.IntN(16) {
	case 0, 1:
		return "(" + g.times(3, g.item) + ")"
	case 2:
		return "()"
	case 3:
		return "%" + g.pick("1", "1", "2", "3", "0", "9")
	case 4:
		return "%b" + g.pick("()", "ab", "aa", "[]", "xa", "(")
	case 5:
		return "%f" + g.pick(g.brackets(), g.brackets(), "[%w]", "[%z]", "[^%z]", "a", "")
	case 6: // anything, mostly a mistake
		return g.times(3, func() string { return g.pick("(", ")", "[", "]", "%", "*", "-", "+", "?", "^", "$", "a") })
	default:
		return g.single() + g.pick("", "", "", "*", "*", "+", "-", "-", "?")
	}
}

func (g generator) single() string {
	switch g.IntN(6) {
	case 0:
		return "."
	case 1:
		return g.brackets()
	case 2:
		return "%" + g.pick("a", "c", "d", "l", "p", "s", "u", "w", "x", "z", "A", "D", "S", "W", "Z", ".", "%", "-", "]", "q", "\xe9")
	default:
		return g.pick("a", "a", "a", "b", "b", "x", "1", " ", "]", "\xe9", "-")
	}
}

func (g generator) brackets() string {
	members := g.times(4, func() string {
		return g.pick("a", "b", "x", "1", " ", "-", "^", "%", "]", "[", "%]", "%a", "%D", "%%", "%-", "a-z", "0-9", "b-a", "%a-z", "a-%", "+--", "\x01-\xff")
	})
	return "[" + g.pick("", "", "^") + members + g.pick("]", "]", "]", "]", "")
}

func (g generator) template() string {
	return g.times(4, func() string { return g.pick("%0", "%1", "%2", "%9", "%%", "%a", "%", "text", "<", "\x00") })
}

// calls are n calls of each function of library.
func (g generator) calls(n int) []lua51.Call {
	var calls []lua51.Call
	for range n {
		s, p := g.subject(), g.pattern()
		init := float64(g.IntN(5) - 1)
		calls = append(calls,
			lua51.Call{Func: "find", Args: []any{s, p, init}},
			lua51.Call{Func: "match", Args: []any{s, p, init}},
			lua51.Call{Func: "gmatch", Args: []any{s, p}},
			lua51.Call{Func: "gsub", Args: []any{s, p, g.template(), float64(g.IntN(20) - 1)}},
			lua51.Call{Func: "gsubf", Args: []any{s, p}},
		)
	}
	return calls
}
