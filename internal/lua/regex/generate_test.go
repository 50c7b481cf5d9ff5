package regex

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

// TestFindsWhatPackageRegexpFindsByGeneratedPatterns compares many small patterns in texts of few characters, so that
// most of them match, in more than one way.
func TestFindsWhatPackageRegexpFindsByGeneratedPatterns(t *testing.T) {
	long.Only(t)
	g := generator{rand.New(rand.NewPCG(1, 2))}
	for range 10_000 {
		compareWithRegexp(t, g.pattern(4), g.text())
	}
}

func TestProgramsAreNoLongerThanWorkedOut(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(3, 4))}
	for range 2_000 {
		pattern := g.pattern(5)
		var m tally
		m.allowed = ample
		p, err := Compile(pattern, &m)
		if err != nil {
			continue
		}
		if most := m.steps - parseSteps(pattern); instSteps*(len(p.insts)-3) > most {
			t.Errorf("%q: %d instructions, charged as %d", pattern, len(p.insts), most/instSteps)
		}
	}
}

type generator struct{ *rand.Rand }

func (g generator) one(of ...string) string { return of[g.IntN(len(of))] }

func (g generator) text() string {
	var b strings.Builder
	for range g.IntN(12) {
		b.WriteString(g.one("a", "a", "b", "A", "1", " ", "\n", "ä", "Ä", "\u212a", "k", "\xff", "\xc3", "\ufffd", "日"))
	}
	return b.String()
}

func (g generator) pattern(depth int) string {
	if depth == 0 || g.IntN(6) == 0 {
		return g.one("a", "b", "A", "k", "ä", ".", `\w`, `\d`, `\s`, `\S`, "[ab]", "[^a]", `[^\w\s]`, "[a-zä]", `\pL`, `\x{FFFD}`, "^", "$",
			`\b`, `\B`, `\A`, `\z`, "", "aa", "ab", "日")
	}
	switch g.IntN(8) {
	case 0, 1, 2:
		return g.pattern(depth-1) + g.pattern(depth-1)
	case 3:
		return "(?:" + g.pattern(depth-1) + "|" + g.pattern(depth-1) + ")"
	case 4:
		return "(" + g.pattern(depth-1) + ")"
	case 5:
		return g.one("(?i:", "(?s:", "(?m:", "(?U:", "(?sim:") + g.pattern(depth-1) + ")"
	case 6:
		low := g.IntN(3)
		return fmt.Sprintf("(?:%s){%d,%d}", g.pattern(depth-1), low, low+g.IntN(3))
	}
	return "(?:" + g.pattern(depth-1) + ")" + g.one("*", "+", "?", "*?", "+?", "??", "{2,}")
}
