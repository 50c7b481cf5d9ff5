package bench

import (
	"math"
	"testing"
	"time"
)

// side is one of two things that are compared: it does its work n times.
type side func(n int)

// pair is what two sides took for doing their work once, in nanoseconds.
type pair struct{ base, candidate float64 }

const (
	rounds  = 40
	quantum = 3 * time.Millisecond // shorter than what a scheduler gives a process at a time
)

// compare runs two sides in turns, for a quantum each. The fastest turn of each counts: what else the machine did then
// is not in it, and what changes slowly changes for both.
func compare(base, candidate side) pair {
	n := [2]int{perQuantum(base), perQuantum(candidate)}
	best := pair{math.Inf(1), math.Inf(1)}
	for range turns() {
		best.base = min(best.base, elapsed(base, n[0]))
		best.candidate = min(best.candidate, elapsed(candidate, n[1]))
	}
	return best
}

// turns is how often each side has its turn; once where only that it runs is asked.
func turns() int {
	if testing.Short() {
		return 1
	}
	return rounds
}

// perQuantum is how often a side does its work in a quantum. The fastest of three tries counts: the first may find a
// process that is still starting, and others may have had the processor.
func perQuantum(s side) int {
	for n := 1; ; n *= 2 {
		took := float64(n) * min(elapsed(s, n), elapsed(s, n), elapsed(s, n))
		if took >= float64(quantum)/2 {
			return max(1, int(float64(n)*float64(quantum)/took))
		}
	}
}

// elapsed is how long a side takes to do its work once, of n times.
func elapsed(s side, n int) float64 {
	began := time.Now()
	s(n)
	return float64(time.Since(began)) / float64(n)
}

func TestASlowStartDoesNotShortenTurns(t *testing.T) {
	started := false
	n := perQuantum(func(n int) {
		for began := time.Now(); !started && time.Since(began) < quantum; {
		}
		started = true
		for range n {
		}
	})
	if n < 1000 {
		t.Errorf("want thousands of times nothing in a turn, got %d", n)
	}
}
