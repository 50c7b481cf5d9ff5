package engine_test

import (
	"sync"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

func TestStatsReadWhileCallsGoOnAddUp(t *testing.T) {
	w := newWorld(t, engine.Options{Logger: discard}, hook("a", `function pre() error("broken") end`, func(h *config.Hook) { h.SuppressPreErrors = true }))
	var callers sync.WaitGroup
	done := make(chan struct{})
	callers.Go(func() {
		defer close(done)
		for range 10_000 {
			_, _ = w.call(share{})
		}
	})
	for {
		if s := w.Hooks()[0].Stats; s.Failures > s.Runs || s.Suppressed > s.Failures {
			t.Fatalf("got %+v, want no more failures than runs, and no more suppressed ones than failures", s)
		}
		select {
		case <-done:
			callers.Wait()
			return
		default:
		}
	}
}
