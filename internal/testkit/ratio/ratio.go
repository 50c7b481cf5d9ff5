// Package ratio lets a benchmark compare two ways of doing the same in one run.
package ratio

import (
	"testing"
	"time"
)

const (
	rounds = 20
	slice  = time.Millisecond // shorter than the turn a busy machine gives a process
)

// Compare reports how long candidate takes as a multiple of base. Both run in turns, in short slices, and the fastest
// slice of each counts: so neither other processes nor a machine that slows down favour one of them.
func Compare(b *testing.B, base, candidate func()) {
	b.Helper()
	nBase, nCandidate := perSlice(base), perSlice(candidate)
	fastestBase, fastestCandidate := time.Duration(1<<62), time.Duration(1<<62)
	for b.Loop() {
		for range rounds {
			fastestBase = min(fastestBase, run(base, nBase))
			fastestCandidate = min(fastestCandidate, run(candidate, nCandidate))
		}
	}
	perBase := float64(fastestBase) / float64(nBase)
	perCandidate := float64(fastestCandidate) / float64(nCandidate)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(perBase, "base-ns")
	b.ReportMetric(perCandidate, "ns")
	b.ReportMetric(perCandidate/perBase, "of-base")
}

func run(f func(), n int) time.Duration {
	start := time.Now()
	for range n {
		f()
	}
	return time.Since(start)
}

// perSlice is how often f runs in a slice.
func perSlice(f func()) int {
	for n := 1; ; n *= 2 {
		if run(f, n) >= slice/2 {
			return n
		}
	}
}
