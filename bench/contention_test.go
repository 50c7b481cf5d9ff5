package bench

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

// crowd is how many goroutines call one service at the same time.
const crowd = 32

func contentionGoals() []goal {
	what := "32 goroutines on one service"
	return []goal{{
		id: "G12", what: what + ", calls", base: "one goroutine",
		measure: throughput, limit: atLeast(0.45), allocs: uncounted,
	}, {
		id: "G12", what: what + ", fairness", base: "equal parts (Jain)",
		measure: fairness, limit: atLeast(0.9), allocs: uncounted,
	}, {
		id: "G12", what: what + ", p99.9 of a call", base: "p50",
		measure: tail, limit: atMost(10), allocs: uncounted,
	}}
}

func throughput(tb testing.TB) func() float64 {
	call := calling(tb)
	return func() float64 {
		many, one := 0.0, 0.0
		for range tries() {
			many, one = max(many, rate(saturate(call, crowd))), max(one, rate(saturate(call, 1)))
		}
		return many / one
	}
}

// fairness is Jain's index of how many calls each goroutine made: 1 where all made as many, 1/n where one made all.
//
// R. Jain, D. Chiu, W. Hawe: A Quantitative Measure of Fairness and Discrimination for Resource Allocation in Shared
// Computer Systems, DEC-TR-301, 1984.
func fairness(tb testing.TB) func() float64 {
	call := calling(tb)
	return func() float64 {
		sum, squares := 0.0, 0.0
		for _, took := range saturate(call, crowd) {
			n := float64(len(took))
			sum += n
			squares += n * n
		}
		return sum * sum / (crowd * squares)
	}
}

func tail(tb testing.TB) func() float64 {
	call := calling(tb)
	return func() float64 {
		best := math.Inf(1)
		for range tries() {
			all := slices.Concat(saturate(call, crowd)...)
			slices.Sort(all)
			best = min(best, float64(all[len(all)*999/1000])/float64(all[len(all)/2]))
		}
		return best
	}
}

// tries is how often the crowd is measured. The best try counts: a processor that is taken away for a tenth of a
// millisecond stops all of the crowd, and is not to be seen in shorter measurements.
func tries() int {
	if testing.Short() {
		return 1
	}
	return 5
}

// calling makes calls of one service with an empty pre and post.
func calling(tb testing.TB) func() {
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	e := world.NewEngine(tb, peer.EmptyHook)
	return func() {
		if _, err := engine.Call(ctx, e, "extend_share", args, world.Extend); err != nil {
			panic(err)
		}
	}
}

// saturate lets some goroutines call as fast as they can for a while, and returns how long each of their calls took.
func saturate(call func(), goroutines int) [][]time.Duration {
	took := make([][]time.Duration, goroutines)
	for i := range took {
		took[i] = make([]time.Duration, 0, 1<<20/goroutines)
	}
	var over atomic.Bool
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range took {
		all.Go(func() {
			<-start
			for began := time.Now(); !over.Load() && len(took[i]) < cap(took[i]); {
				call()
				now := time.Now()
				took[i] = append(took[i], now.Sub(began))
				began = now
			}
		})
	}
	close(start)
	time.Sleep(while())
	over.Store(true)
	all.Wait()
	return took
}

func while() time.Duration {
	if testing.Short() {
		return 10 * time.Millisecond
	}
	return 100 * time.Millisecond
}

// rate is how many calls were made in the time that all of them took.
func rate(took [][]time.Duration) float64 {
	calls, longest := 0, time.Duration(0)
	for _, calledBy := range took {
		sum := time.Duration(0)
		for _, d := range calledBy {
			sum += d
		}
		calls += len(calledBy)
		longest = max(longest, sum)
	}
	return float64(calls) / longest.Seconds()
}
