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

// compare runs two sides in turns, for a quantum each. The fastest turn of each counts: what else the machine did then is not in
// it, and what changes slowly changes for both.
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

// perQuantum is how often a side does its work in a quantum.
func perQuantum(s side) int {
	for n := 1; ; n *= 2 {
		began := time.Now()
		s(n)
		took := time.Since(began)
		if took >= quantum/2 {
			return max(1, int(float64(n)*float64(quantum)/float64(took)))
		}
	}
}

// elapsed is how long a side takes to do its work once, of n times.
func elapsed(s side, n int) float64 {
	began := time.Now()
	s(n)
	return float64(time.Since(began)) / float64(n)
}
