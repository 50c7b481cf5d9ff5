package engine_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hookrun/hookrun/engine"
)

func TestEngineIsClosedTwiceWithoutAnError(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", ""))
	for range 2 {
		if err := w.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := w.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	}
}

func TestShutdownWaitsForCallsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o order
		w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", `
function post.create_snapshot(call, result) order.Add("post ") end
function periodic() order.Add("tick ") end`))
		release := make(chan struct{})
		for range 3 {
			go func() { // its hook runs after the driver alone: the engine has seen nothing of it yet
				_, err := engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, func(context.Context, args) (share, error) {
					<-release
					return share{}, nil
				})
				if err != nil {
					t.Error(err)
				}
			}()
		}
		go func() {
			if _, err := w.Tick(context.Background(), func(context.Context) (any, error) { <-release; return []share{}, nil }); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()

		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		err := w.Shutdown(ctx)
		if want := "service nfs1: 4 hooked calls, ticks or reloads are still under way: context canceled"; textOf(err) != want || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %s", err, want)
		}
		if _, err := w.call(share{}); !errors.Is(err, engine.ErrClosed) {
			t.Errorf("a call after the shutdown began: got %v, want ErrClosed", err)
		}
		close(release)
		if err := w.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if got := o.String(); strings.Count(got, "post ") != 3 || strings.Count(got, "tick ") != 1 {
			t.Errorf("got %q when it came back, want three posts and a tick", got)
		}
	})
}

func TestShutdownForgetsCallsThatEndedOddly(t *testing.T) {
	w := newWorld(t, engine.Options{Logger: discard}, hook("a", `
function pre.create_snapshot(call) if call.args.share.name == "no" then reject("no") end error("bad") end
function post.list(call) end`))
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for _, name := range []string{"no", "yes"} {
		if _, err := w.call(share{Name: name}); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	_, _ = engine.Call(gone, w.Engine, "list", args{}, echo)
	_, _ = engine.Call(context.Background(), w.Engine, "list", args{}, failing)
	func() {
		defer func() { _ = recover() }()
		_, _ = engine.Call(context.Background(), w.Engine, "list", args{}, func(context.Context, args) (share, error) { panic("driver") })
	}()
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = engine.Call(context.Background(), w.Engine, "list", args{}, func(context.Context, args) (share, error) {
			runtime.Goexit()
			return share{}, nil
		})
	})
	wg.Wait()
	if err := w.Shutdown(gone); err != nil {
		t.Errorf("got %v, want nothing under way", err)
	}
}

// leaver is an observer that ends the goroutines of calls.
type leaver struct{ watcher }

func (*leaver) CallEnded(context.Context, engine.CallSummary) { runtime.Goexit() }

// A call whose context has ended is turned away, and the program's own code is told.
func TestShutdownWaitsForNoCallWhoseGoroutineHasEnded(t *testing.T) {
	r := &recorder{loaded: func() {}, admit: func() bool { return true }}
	w := newWorld(t, engine.Options{Logger: discard, Observer: &leaver{}, Recorder: r}, hook("a", `function pre(call) local _ = call.context.gate end`))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	g, held := newGate(), make(chan struct{})
	go func() {
		defer close(held)
		_, _ = engine.Call(g.held(), w.Engine, "make", args{}, echo)
	}()
	<-g.entered
	apart(func() { _, _ = engine.Call(gone, w.Engine, "make", args{}, echo) })
	close(g.open)
	<-held
	if err := w.Shutdown(gone); err != nil || r.told != 2 {
		t.Errorf("got %v, want nothing under way; the recorder was told of %d calls, want 2", err, r.told)
	}
}

func TestShutdownOfABusyEngineLosesNoCall(t *testing.T) {
	for range 20 {
		w := newWorld(t, engine.Options{Logger: discard}, hook("a", `function post.create_snapshot(call, result) result.name = "hooked" end`))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for {
					got, err := w.call(share{})
					if errors.Is(err, engine.ErrClosed) {
						return
					}
					if err != nil || got.Name != "hooked" {
						t.Errorf("got %q, %v", got.Name, err)
						return
					}
				}
			})
		}
		if err := w.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		wg.Wait()
	}
}

func TestNilEngineAndConfigSaySo(t *testing.T) {
	var e *engine.Engine
	ctx := context.Background()
	_, callErr := engine.Call(ctx, e, "create_snapshot", args{}, echo)
	_, tickErr := e.Tick(ctx, nil)
	_, tickAtErr := e.TickAt(ctx, 1, nil)
	for name, err := range map[string]error{
		"Call": callErr, "Tick": tickErr, "TickAt": tickAtErr, "Reload": e.Reload(ctx, nil), "SetEnabled": e.SetEnabled("a", true),
		"Run": e.Run(ctx, nil), "Close": e.Close(), "Shutdown": e.Shutdown(ctx),
	} {
		if want := "the hook engine is nil: want the *Engine that engine.New returns"; textOf(err) != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
	if got := fmt.Sprint(e.Generation(), e.Hooks(), e.Warnings(), e.SkippedTicks(), e.StuckHostCalls()); got != "0 [] [] 0 0" {
		t.Errorf("what is known of no engine: got %s", got)
	}

	w := newWorld(t, engine.Options{}, hook("a", "function periodic() end"))
	_, newErr := engine.New(nil, "nfs1", engine.Options{})
	for name, err := range map[string]error{"New": newErr, "Reload": w.Reload(ctx, nil)} {
		if want := "the config is nil: want the *Config that config.Load returns, or one made in Go"; textOf(err) != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
	if w.Generation() != 1 {
		t.Error("a reload without a config replaced the scripts")
	}
	if _, err := w.Tick(ctx, nil); textOf(err) != "nfs1 tick 1: the periodic data is nil: want a function that provides it" {
		t.Errorf("a tick without data: got %v", err)
	}
}
