// Package side compares how long two ways of doing the same work take, in one process.
package side

import (
	"math"
	"testing"
	"time"
)

// Side is one of two things that are compared: it does its work n times.
type Side func(n int)

// Repeat is a side whose work is a call of a function.
func Repeat[T any](work func() T) Side {
	return func(n int) {
		for range n {
			work()
		}
	}
}

// Pair is what two sides took for doing their work once, in nanoseconds.
type Pair struct{ Base, Candidate float64 }

// The figures of two sides.

// Ratio is how often the candidate takes the time of the base.
func Ratio(p Pair) float64 { return p.Candidate / p.Base }

// Faster is how often the base takes the time of the candidate.
func Faster(p Pair) float64 { return p.Base / p.Candidate }

// More is how many nanoseconds the candidate takes more.
func More(p Pair) float64 { return p.Candidate - p.Base }

const (
	rounds  = 40
	quantum = 3 * time.Millisecond // shorter than what a scheduler gives a process at a time

	// Work that takes far longer than a quantum has fewer turns, once it has been looked at for long enough.
	fewest  = 5
	longest = 2 * time.Second
)

// Compare runs two sides in turns, for a quantum each. The fastest turn of each counts: what else the machine did then
// is not in it, and what changes slowly changes for both.
func Compare(base, candidate Side) Pair {
	n := [2]int{perQuantum(base), perQuantum(candidate)}
	best := Pair{math.Inf(1), math.Inf(1)}
	began := time.Now()
	for turn := range Turns() {
		if turn >= fewest && time.Since(began) > longest {
			break
		}
		best.Base = min(best.Base, Elapsed(base, n[0]))
		best.Candidate = min(best.Candidate, Elapsed(candidate, n[1]))
	}
	return best
}

// Turns is how often each side has its turn; once where only that it runs is asked.
func Turns() int {
	if testing.Short() {
		return 1
	}
	return rounds
}

// perQuantum is how often a side does its work in a quantum. The fastest of three tries counts: the first may find a
// process that is still starting, and others may have had the processor.
func perQuantum(s Side) int {
	if testing.Short() {
		return 1
	}
	for n := 1; ; n *= 2 {
		took := float64(n) * min(Elapsed(s, n), Elapsed(s, n), Elapsed(s, n))
		if took >= float64(quantum)/2 {
			return max(1, int(float64(n)*float64(quantum)/took))
		}
	}
}

// Elapsed is how long a side takes to do its work once, of n times, in nanoseconds.
func Elapsed(s Side, n int) float64 {
	began := time.Now()
	s(n)
	return float64(time.Since(began)) / float64(n)
}

// Benchmark is a benchmark of a side, with its allocations.
func Benchmark(b *testing.B, s Side) {
	b.ReportAllocs()
	b.ResetTimer()
	s(b.N)
}
