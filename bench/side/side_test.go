package side

import (
	"testing"
	"time"
)

func TestASlowStartDoesNotShortenTurns(t *testing.T) {
	if testing.Short() {
		t.Skip("a short test has turns of once")
	}
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
