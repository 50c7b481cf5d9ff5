package engine_test

import (
	"context"
	"errors"
	"fmt"
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
		for range 2_000 {
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

func TestAHookTellsWhereItRuns(t *testing.T) {
	w := newWorld(t, engine.Options{Logger: discard},
		hook("all", `function pre() end function failed.a() end function periodic() end`),
		hook("some", `function pre.a() end function post() end function finally.b() end`, func(h *config.Hook) {
			h.Methods, h.EnablePost = []string{"a", "b*"}, false
		}),
		hook("off", `function pre.a() end function periodic() end`, func(h *config.Hook) { h.Enabled, h.EnablePeriodic = false, false }),
	)
	for _, tt := range []struct{ method, want string }{
		{"a", "true [pre failed], true [pre], true [pre]"},
		{"b", "true [pre], true [finally], true []"},
		{"c", "true [pre], false [], true []"},
		{"periodic", "true [periodic], false [], true []"},
	} {
		got := ""
		for i, h := range w.Hooks() {
			if i > 0 {
				got += ", "
			}
			got += fmt.Sprintf("%v %v", h.Lets(tt.method), h.Around(tt.method))
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.method, got, tt.want)
		}
	}
	if none := (engine.HookStatus{}); none.Lets("a") || none.Around("a") != nil {
		t.Error("the zero HookStatus takes part in calls")
	}
}

func TestStatsCountACallThatHasReturnedAlsoWhileAnotherHasTheVM(t *testing.T) {
	g := newGate()
	w := newWorld(t, engine.Options{Logger: discard},
		hook("a", `function pre.ask() end function post.ask() end function pre.hold(call) local _ = call.context.gate end`))
	_, err := engine.Call(t.Context(), w.Engine, "ask", args{}, func(ctx context.Context, a args) (share, error) {
		go func() { _, _ = engine.Call(g.held(), w.Engine, "hold", args{}, echo) }()
		<-g.entered
		return failing(ctx, a)
	})
	if !errors.Is(err, errDriver) {
		t.Fatalf("got error %v, want the driver's", err)
	}
	if runs := w.Hooks()[0].Stats.Runs; runs != 1 {
		t.Errorf("%d runs are counted, want the one of pre", runs)
	}
	g.open <- struct{}{}
}
