package bench

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

func waitGoals() []goal {
	return []goal{{
		id: "G15", what: "400 calls that wait 5 ms, concurrent = 64", base: "with concurrent = 1",
		measure: waitingTogether, limit: atLeast(20), allocs: uncounted,
	}, {
		id: "G15", what: "p99 of a call, beside 8 hooks that wait 20 ms", base: "2 x alone, and a time slice",
		measure: besideWaiting, limit: atMost(1), allocs: uncounted,
	}}
}

// clerk is a host object that takes its time.
type clerk struct{}

// Wait comes back after some milliseconds.
func (clerk) Wait(milliseconds int) { time.Sleep(time.Duration(milliseconds) * time.Millisecond) }

// newWaiting opens an engine whose hooks may wait for a clerk. The first one may have some runs under way.
func newWaiting(tb testing.TB, concurrent int, sources ...string) *engine.Engine {
	tb.Helper()
	cfg := world.NewConfig(tb, sources...)
	cfg.Services["nfs1"].Hooks[0].Concurrent = concurrent
	e, err := engine.New(cfg, "nfs1", engine.Options{
		Logger: slog.New(slog.DiscardHandler), Objects: map[string]engine.Object{"clerk": {Value: clerk{}, Methods: []string{"Wait"}}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = e.Close() })
	return e
}

// named makes calls of a method.
func named(e *engine.Engine, method string) func() {
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	return func() {
		if _, err := engine.Call(ctx, e, method, args, world.Extend); err != nil {
			panic(err)
		}
	}
}

func waitingTogether(tb testing.TB) func() float64 {
	const source = `function pre.ask() clerk:Wait(5) end`
	one, many := named(newWaiting(tb, 1, source), "ask"), named(newWaiting(tb, 64, source), "ask")
	return func() float64 { return float64(crowded(one, 40, 400)) / float64(crowded(many, 40, 400)) }
}

// crowded is how long some goroutines take for n calls in all.
func crowded(call func(), goroutines, n int) time.Duration {
	var left atomic.Int64
	left.Store(int64(n))
	var all sync.WaitGroup
	began := time.Now()
	for range goroutines {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				call()
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// slice is how long Go lets a goroutine run before it must make room for others.
const slice = 10 * time.Millisecond

func besideWaiting(tb testing.TB) func() float64 {
	const waiting = 8
	e := newWaiting(tb, waiting, `function pre.ask() clerk:Wait(20) end`, `function pre.fast() end`)
	ask, fast := named(e, "ask"), named(e, "fast")
	return func() float64 {
		alone, beside := besideOthers(fast, ask, waiting)
		return float64(beside) / float64(2*alone+slice)
	}
}

// besideOthers is the 99th percentile of what a call takes alone, and beside goroutines that make other calls.
func besideOthers(call, other func(), goroutines int) (alone, beside time.Duration) {
	alone = p99(saturate(call, 1))
	var over atomic.Bool
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for !over.Load() {
				other()
			}
		})
	}
	beside = p99(saturate(call, 1))
	over.Store(true)
	all.Wait()
	return alone, beside
}

func p99(took [][]time.Duration) time.Duration {
	all := slices.Concat(took...)
	slices.Sort(all)
	return all[len(all)*99/100]
}
