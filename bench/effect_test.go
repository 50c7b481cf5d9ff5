package bench

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/store"
)

func effectGoals() []goal {
	return []goal{{
		id: "G16", what: "a call without effects, with a store", base: "without a store",
		sides: withoutEffects, figure: side.Ratio, limit: atMost(1.02), allocs: 4,
	}, {
		id: "G16", what: "calls of 16 goroutines that publish", base: "appends of 500 bytes, each synced",
		measure: publishersOverAppends, limit: atLeast(2), allocs: uncounted,
	}, {
		id: "G16", what: "such a call with a sink that is down", base: "with one that takes all",
		measure: publishersBesideADeadSink, limit: atMost(1.1), allocs: uncounted,
	}, {
		id: "G16", what: "p99 of a call, beside 16 that publish", base: "alone",
		measure: besidePublishers, limit: atMost(2), allocs: uncounted,
	}}
}

// newActing opens an engine whose hooks have a store, with a sink for all events.
func newActing(tb testing.TB, sink effect.Sink, sources ...string) *engine.Engine {
	tb.Helper()
	st, err := store.Open(filepath.Join(tb.TempDir(), "bench.db"), store.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = st.Close() })
	cfg := world.NewConfig(tb, sources...)
	cfg.Store = config.DefaultStore()
	cfg.Store.MaxOutbox = math.MaxInt32
	cfg.Sinks = map[string]config.Sink{"all": {Type: "own", Events: []string{"*"}, Timeout: time.Second, Concurrency: 4}}
	e, err := engine.New(cfg, "nfs1", engine.Options{
		Logger: slog.New(slog.DiscardHandler), Store: st, Sinks: map[string]effect.Sink{"own": sink},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = e.Close() })
	return e
}

// taker is a sink that takes all events.
type taker struct{}

// Deliver takes events.
func (taker) Deliver(context.Context, []effect.Event) error { return nil }

// refuser is a sink that is down.
type refuser struct{}

// Deliver takes nothing.
func (refuser) Deliver(context.Context, []effect.Event) error {
	return errors.New("connection refused")
}

func withoutEffects(tb testing.TB) (without, with side.Side) {
	calls := func(call func()) side.Side {
		return func(n int) {
			for range n {
				call()
			}
		}
	}
	return calls(named(world.NewEngine(tb, peer.EmptyHook), "extend_share")), calls(named(newActing(tb, taker{}, peer.EmptyHook), "extend_share"))
}

const (
	publishers = 16
	publishes  = `function post.publish(call) events.publish("share.extended", {text = ("x"):rep(250)}, {subject = crypto.uuid()}) end`
)

// publishing is how long goroutines that publish take for a call each, of n in all.
func publishing(call func(), n int) float64 {
	return float64(crowded(call, publishers, n)) / float64(n)
}

// inTurns runs two measurements in turns, and returns the best of each.
func inTurns(base, candidate func() float64) side.Pair {
	best := side.Pair{Base: math.Inf(1), Candidate: math.Inf(1)}
	for range min(side.Turns(), 10) {
		best.Base, best.Candidate = min(best.Base, base()), min(best.Candidate, candidate())
	}
	return best
}

func calls() int {
	if testing.Short() {
		return publishers
	}
	return 400
}

func publishersOverAppends(tb testing.TB) func() float64 {
	f, err := os.Create(filepath.Join(tb.TempDir(), "appended"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	payload := make([]byte, 500)
	appends := func(n int) {
		for range n {
			if _, err := f.Write(payload); err != nil {
				panic(err)
			}
			if err := f.Sync(); err != nil {
				panic(err)
			}
		}
	}
	publish := named(newActing(tb, refuser{}, publishes), "publish") // what is delivered is written down as well
	return func() float64 {
		n := calls()
		return side.Faster(inTurns(func() float64 { return side.Elapsed(appends, n) }, func() float64 { return publishing(publish, n) }))
	}
}

func publishersBesideADeadSink(tb testing.TB) func() float64 {
	well, down := named(newActing(tb, taker{}, publishes), "publish"), named(newActing(tb, refuser{}, publishes), "publish")
	return func() float64 {
		n := calls()
		return side.Ratio(inTurns(func() float64 { return publishing(well, n) }, func() float64 { return publishing(down, n) }))
	}
}

func besidePublishers(tb testing.TB) func() float64 {
	e := newActing(tb, taker{}, publishes, `function pre.fast() end`)
	publish, fast := named(e, "publish"), named(e, "fast")
	return func() float64 {
		alone, beside := besideOthers(fast, publish, publishers)
		return float64(beside) / float64(alone)
	}
}
