package bench

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/bench/side"
)

// goal is a promise about speed or size.
type goal struct {
	id, what, base string
	limit          limit
	allocs         int // the most that the candidate may make; uncounted where nobody counts them

	// Of two sides, a figure is made of their times. Anything else is measured in a way of its own.
	sides   func(tb testing.TB) (base, candidate side.Side)
	figure  func(side.Pair) float64
	measure func(tb testing.TB) func() float64
}

const uncounted = -1

// limit is the most, or the least, that a figure may be. The unit is empty for a ratio.
type limit struct {
	value float64
	least bool
	unit  string
}

func atMost(ratio float64) limit  { return limit{value: ratio} }
func atLeast(ratio float64) limit { return limit{value: ratio, least: true} }

func (l limit) holds(figure float64) bool {
	return figure == l.value || figure < l.value != l.least
}

func (l limit) String() string {
	if l.least {
		return ">= " + l.show(l.value)
	}
	return "<= " + l.show(l.value)
}

func (l limit) show(figure float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.3g %s", figure, l.unit), " ")
}

// goals are all goals, in the order of their table.
func goals() []goal {
	return slices.Concat(callGoals(), valueGoals(), peerGoals(), contentionGoals(), processGoals(), waitGoals(), effectGoals())
}

// attempts is how often a goal is measured before it counts as missed: what is really too slow misses it each time.
const attempts = 3

// TestGoals measures all goals and prints a table of them, in Markdown. In a short test it only sees that they can be
// measured.
func TestGoals(t *testing.T) {
	table := "\n" + row("goal", "base", "measured", "limit", "allocations", "") + row("---", "---", "---:", "---:", "---", "---")
	for _, g := range goals() {
		t.Run(g.id+" "+g.what, func(t *testing.T) {
			figure, allocs := g.met(t)
			held := testing.Short() || g.held(figure, allocs)
			if !held {
				t.Errorf("%s, over %s: want %v, got %s; and %d allocations, of %d", g.what, g.base, g.limit, g.limit.show(figure), allocs, g.allocs)
			}
			table += g.row(figure, allocs, held)
		})
	}
	fmt.Print(table)
}

// met measures a goal until it is met, and returns the last figures.
func (g *goal) met(tb testing.TB) (figure float64, allocs int) {
	measure := g.open(tb)
	for range attempts {
		figure, allocs = measure()
		if testing.Short() || g.held(figure, allocs) {
			break
		}
	}
	return figure, allocs
}

func (g *goal) held(figure float64, allocs int) bool {
	return g.limit.holds(figure) && allocs <= g.allocs
}

// open returns what measures the goal once.
func (g *goal) open(tb testing.TB) func() (figure float64, allocs int) {
	if g.sides == nil {
		measure := g.measure(tb)
		return func() (float64, int) { return measure(), uncounted }
	}
	base, candidate := g.sides(tb)
	return func() (float64, int) {
		figure, allocs := g.figure(side.Compare(base, candidate)), uncounted
		if g.allocs != uncounted {
			allocs = int(testing.AllocsPerRun(100, func() { candidate(1) }))
		}
		return figure, allocs
	}
}

func (g *goal) row(figure float64, allocs int, held bool) string {
	count, mark := "", ""
	if g.allocs != uncounted {
		count = fmt.Sprintf("%d of %d", allocs, g.allocs)
	}
	if !held {
		mark = "missed"
	}
	return row(g.id+" "+g.what, g.base, g.limit.show(figure), g.limit.String(), count, mark)
}

func row(goal, base, measured, limit, allocs, mark string) string {
	return fmt.Sprintf("| %-50s | %-32s | %13s | %13s | %-11s | %-6s |\n", goal, base, measured, limit, allocs, mark)
}

// BenchmarkGoals has both sides of every goal that has two, to compare commits.
func BenchmarkGoals(b *testing.B) {
	for _, g := range goals() {
		if g.sides == nil {
			continue
		}
		b.Run(strings.ReplaceAll(g.id+" "+g.what, " ", "_"), func(b *testing.B) {
			base, candidate := g.sides(b)
			for name, s := range map[string]side.Side{"base": base, "candidate": candidate} {
				b.Run(name, func(b *testing.B) { side.Benchmark(b, s) })
			}
		})
	}
}
