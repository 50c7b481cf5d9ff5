package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

const stamps = `function post.create_snapshot(call, result) result.name = result.name .. "%s" .. call.generation end`

func TestReloadReplacesAllScriptsOrNone(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", fmt.Sprintf(stamps, "a")), hook("b", fmt.Sprintf(stamps, "b")))
	rewrite := func(file, source string) {
		if err := os.WriteFile(filepath.Join(w.cfg.Scripts, file), []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rewrite("a.lua", fmt.Sprintf(stamps, "A"))
	rewrite("b.lua", "this is no Lua")
	err := w.Reload(context.Background(), w.cfg)
	var ce *config.Error
	if !errors.As(err, &ce) || !strings.HasSuffix(ce.Problems[0].File, "b.lua") || ce.Problems[0].Line != 1 {
		t.Fatalf("got %v, want a problem in b.lua, line 1", err)
	}
	if got := must(w.call(share{})); got.Name != "a1b1" || w.Generation() != 1 {
		t.Errorf("after a failed reload got %q in generation %d, want the old scripts", got.Name, w.Generation())
	}
	rewrite("b.lua", fmt.Sprintf(stamps, "B"))
	if err := w.Reload(context.Background(), w.cfg); err != nil {
		t.Fatal(err)
	}
	if got := must(w.call(share{})); got.Name != "A2B2" || w.Generation() != 2 {
		t.Errorf("after the reload got %q in generation %d, want the new scripts", got.Name, w.Generation())
	}
}

func TestCallInFlightFinishesOnTheGenerationItBeganWith(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", `
state = "old"
function pre.create_snapshot(call) state = "old, with pre" end
function post.create_snapshot(call, result) result.name = state .. " " .. call.generation end`))
	got, err := engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, func(ctx context.Context, a args) (share, error) {
		next := configOf(t, t.TempDir(), hook("a", `function post.create_snapshot(call, result) result.name = "new" end`))
		return share{}, w.Reload(ctx, next)
	})
	if err != nil || got.Name != "old, with pre 1" {
		t.Errorf("got %q, %v", got.Name, err)
	}
	if got := must(w.call(share{})); got.Name != "new" {
		t.Errorf("the next call got %q, want the new script", got.Name)
	}
}

func TestReloadWhileGoroutinesCallLosesNoCall(t *testing.T) {
	w := newWorld(t, engine.Options{Logger: discard}, hook("a", fmt.Sprintf(stamps, "x")), hook("b", fmt.Sprintf(stamps, "y")))
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for range 50 {
				got, err := w.call(share{})
				var a, b int
				if n, _ := fmt.Sscanf(got.Name, "x%dy%d", &a, &b); err != nil || n != 2 || a != b {
					t.Errorf("got %q, %v; want both hooks of one generation", got.Name, err)
					return
				}
			}
		})
	}
	for range 20 {
		if err := w.Reload(context.Background(), w.cfg); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	if w.Generation() != 21 {
		t.Errorf("got generation %d, want 21", w.Generation())
	}
}

func TestCancelledReloadKeepsTheOldScripts(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", ``))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.Reload(ctx, w.cfg); !errors.Is(err, context.Canceled) || w.Generation() != 1 {
		t.Errorf("got %v in generation %d", err, w.Generation())
	}
}

func TestClosedEngineSaysSo(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", ``))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, callErr := w.call(share{})
	_, tickErr := w.Tick(context.Background(), nil)
	for name, err := range map[string]error{
		"Call": callErr, "Tick": tickErr, "Reload": w.Reload(context.Background(), w.cfg),
		"SetEnabled": w.SetEnabled("a", true), "Run": w.Run(context.Background(), nil),
	} {
		if !errors.Is(err, engine.ErrClosed) {
			t.Errorf("%s: got %v, want ErrClosed", name, err)
		}
	}
}

// gate is a host object at which a hook waits, so that a test knows that the VM is held.
type gate struct{ entered, open chan struct{} }

func newGate() *gate { return &gate{make(chan struct{}), make(chan struct{})} }

// Pass reports that the hook is there and waits until the gate opens.
func (g *gate) Pass() { g.entered <- struct{}{}; <-g.open }

// held is the context of a call that a test lets wait with the VM in hand, in a hook that reads call.context.gate.
func (g *gate) held() context.Context {
	return engine.WithCallContext(context.Background(), map[string]any{"gate": heldGate(sync.OnceFunc(g.Pass))})
}

// heldGate passes a gate when its text is first read.
type heldGate func()

func (pass heldGate) MarshalText() ([]byte, error) {
	pass()
	return []byte("open"), nil
}

func (g *gate) objects() map[string]engine.Object {
	return map[string]engine.Object{"gate": {Value: g, Methods: []string{"Pass"}}}
}

func TestWaitingCallerGivesUpWhenItsContextEnds(t *testing.T) {
	g := newGate()
	w := newWorld(t, engine.Options{Objects: g.objects()}, hook("a", `
function pre.create_snapshot(call) if call.args.share.name == "slow" then gate:Pass() end end`,
		func(h *config.Hook) { h.Timeout = time.Hour }))
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := w.call(share{Name: "slow"}); err != nil {
			t.Error(err)
		}
	})
	<-g.entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := engine.Call(ctx, w.Engine, "create_snapshot", args{}, func(context.Context, args) (share, error) {
		t.Error("the driver was called")
		return share{}, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	close(g.open)
	wg.Wait()
}

func TestHookWhoseHostMethodDoesNotComeBackIsEnded(t *testing.T) {
	g := newGate()
	w := newWorld(t, engine.Options{Objects: g.objects()}, hook("a", `
function pre.create_snapshot(call) if call.args.share.name == "stuck" then pcall(function() gate:Pass() end) end end`,
		func(h *config.Hook) { h.Timeout = time.Millisecond }))
	var wg sync.WaitGroup
	wg.Go(func() { <-g.entered })
	_, err := w.call(share{Name: "stuck"})
	wantHookError(t, err, engine.KindTimeout, "the host method that it called has not come back")
	wg.Wait()
	if _, err := w.call(share{Name: "next"}); err != nil {
		t.Errorf("the next call got %v", err)
	}
	if n := w.StuckHostCalls(); n != 1 {
		t.Errorf("got %d stuck host calls, want 1", n)
	}
	if said := w.log.String(); !strings.Contains(said, "hook=a phase=pre stuck=1") {
		t.Errorf("the log does not say whose run it was: %s", said)
	}
	close(g.open)
	for w.StuckHostCalls() != 0 {
		runtime.Gosched()
	}
}

func TestCallersGetTheVMInTheOrderTheyCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		var o order
		w := newWorld(t, engine.Options{Objects: map[string]engine.Object{"order": o.object()["order"], "gate": g.objects()["gate"]}}, hook("a", `
function pre.create_snapshot(call)
  if call.args.share.name == "first" then gate:Pass() end
  order.Add(call.args.share.name .. " ")
end`, func(h *config.Hook) { h.Timeout = time.Hour }))
		for i, name := range []string{"first", "second", "third", "fourth"} {
			go func() {
				if _, err := w.call(share{Name: name}); err != nil {
					t.Error(err)
				}
			}()
			if i == 0 {
				<-g.entered
			}
			synctest.Wait() // it queues before the next one comes
		}
		close(g.open)
		synctest.Wait()
		if got, want := o.String(), "first second third fourth "; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestPostOfACallerWhoIsGoneKeepsTheDriversResult(t *testing.T) {
	for _, suppress := range []bool{false, true} {
		g := newGate()
		w := newWorld(t, engine.Options{Objects: g.objects()}, hook("a", `
function pre.slow() gate:Pass() end
function post.quick(call, result) result.name = "seen" end`,
			func(h *config.Hook) { h.Timeout, h.SuppressPostErrors = time.Hour, suppress }))
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = engine.Call(context.Background(), w.Engine, "slow", args{}, echo) })
		<-g.entered
		ctx, cancel := context.WithCancel(context.Background())
		got, err := engine.Call(ctx, w.Engine, "quick", args{}, func(context.Context, args) (share, error) {
			cancel()
			return share{Name: "made"}, nil
		})
		if got.Name != "made" || suppress != (err == nil) || err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("suppress %v: got %q and %v", suppress, got.Name, err)
		}
		close(g.open)
		wg.Wait()
	}
}

func TestRunTicksUntilItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o order
		w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", `function periodic(shares, tick) order.Add(tick .. " ") end`))
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute+30*time.Second)
		defer cancel()
		slow := 0
		err := w.Run(ctx, func(context.Context) (any, error) {
			if slow++; slow == 3 {
				time.Sleep(150 * time.Second) // of the test's own clock: two beats pass meanwhile
			}
			if slow == 5 {
				return nil, errors.New("no data today")
			}
			return []share{}, nil
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want DeadlineExceeded", err)
		}
		if got, want := o.String(), "1 2 3 6 8 9 10 "; got != want || w.SkippedTicks() != 2 {
			t.Errorf("got ticks %q and %d skipped, want %q and 2", got, w.SkippedTicks(), want)
		}
		if !strings.Contains(w.log.String(), "no data today") {
			t.Errorf("the failed tick is not in the log:\n%s", w.log)
		}
	})
}

func TestRunHeedsTheTimeBetweenTicksOfAReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ticks atomic.Int64
		w := newWorld(t, engine.Options{}, hook("a", `function periodic() end`))
		tick := func(d time.Duration) *config.Config {
			svc := w.cfg.Services["nfs1"]
			svc.Tick = d
			return &config.Config{Scripts: w.cfg.Scripts, Services: map[string]config.Service{"nfs1": svc}}
		}
		must(0, w.Reload(t.Context(), tick(24*time.Hour)))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		began := time.Now()
		go func() {
			_ = w.Run(ctx, func(context.Context) (any, error) { ticks.Add(1); return []share{}, nil })
		}()
		for _, step := range []struct {
			after, tick time.Duration // a reload, with the time between ticks
			want        int64         // ticks, when half a minute has passed
		}{
			{time.Hour, time.Minute, 0},
			{time.Hour + 30*time.Second, time.Minute, 1}, // which changes nothing
			{time.Hour + 150*time.Second, 24 * time.Hour, 2},
			{24 * time.Hour, 24 * time.Hour, 2},
			{25*time.Hour + 150*time.Second, 24 * time.Hour, 3},
		} {
			time.Sleep(time.Until(began.Add(step.after)))
			must(0, w.Reload(t.Context(), tick(step.tick)))
			time.Sleep(30 * time.Second)
			synctest.Wait()
			if got := ticks.Load(); got != step.want || w.SkippedTicks() != 0 {
				t.Errorf("after %v: got %d ticks, and %d skipped, want %d and none", step.after, got, w.SkippedTicks(), step.want)
			}
		}
	})
}

// busyContext does something each time that it is asked when it ends, as Run does before it waits for a beat.
type busyContext struct {
	context.Context
	do func()
}

func (c busyContext) Done() <-chan struct{} {
	c.do()
	return c.Context.Done()
}

func TestRunSkipsNoBeatThatComesWithAReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, engine.Options{Logger: discard}, hook("a", ""))
		ctx, cancel := context.WithCancel(t.Context())
		waits, reloads := 0, 0
		err := w.Run(busyContext{ctx, func() {
			if waits++; waits%2 == 0 { // it waits again for the beat with which the reload came, or for the next
				return
			}
			time.Sleep(config.DefaultTick)
			must(0, w.Reload(t.Context(), w.cfg))
			if reloads++; reloads == 20 {
				cancel()
			}
		}}, nil)
		if got := w.SkippedTicks(); !errors.Is(err, context.Canceled) || got != 0 {
			t.Errorf("got %v, and %d ticks skipped; want none", err, got)
		}
	})
}

func TestRunEndsWhenTheEngineIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, engine.Options{Logger: discard}, hook("a", `function periodic() end`))
		var err error
		go func() {
			err = w.Run(context.Background(), func(context.Context) (any, error) { return []share{}, nil })
		}()
		synctest.Wait()
		_ = w.Close()
		synctest.Wait()
		if !errors.Is(err, engine.ErrClosed) {
			t.Errorf("got %v, want ErrClosed", err)
		}
	})
}

func TestRunLogsNoTickThatItsOwnEndCutsShort(t *testing.T) {
	for name, end := range map[string]func(w *world, cancel func()){
		"its context": func(_ *world, cancel func()) { cancel() },
		"a close":     func(w *world, _ func()) { _ = w.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, engine.Options{}, hook("a", `function periodic() end`))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				err := w.Run(ctx, func(context.Context) (any, error) {
					end(w, cancel)
					return []share{}, ctx.Err()
				})
				if !errors.Is(err, context.Canceled) && !errors.Is(err, engine.ErrClosed) || strings.Contains(w.log.String(), "tick failed") {
					t.Errorf("got %v, and in the log:\n%s", err, w.log)
				}
			})
		})
	}
}

func TestNothingWaitsForAReloadButAnotherReload(t *testing.T) {
	for name, act := range map[string]func(*world) error{
		"a switch":   func(w *world) error { return w.SetEnabled("a", false) },
		"a close":    func(w *world) error { return w.Close() },
		"a shutdown": func(w *world) error { return w.Shutdown(t.Context()) },
		"a call":     func(w *world) error { _, err := w.call(share{}); return err },
		"another reload, as far as its context goes": func(w *world) error {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := w.Reload(ctx, w.cfg); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "gave up waiting for another reload") {
				return fmt.Errorf("got %v, want that it gave up", err)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate()
			const source = `function post.create_snapshot(call, result) result.name = "hooked" end`
			w := newWorld(t, engine.Options{Objects: g.objects()}, hook("a", source))
			next := configOf(t, t.TempDir(), hook("a", source+" gate:Pass()", func(h *config.Hook) { h.Timeout = time.Minute }))
			reloaded := make(chan error)
			go func() { reloaded <- w.Reload(t.Context(), next) }()
			<-g.entered
			if err := act(w); err != nil {
				t.Error(err)
			}
			close(g.open)
			err := <-reloaded
			if closed := name == "a close" || name == "a shutdown"; closed != errors.Is(err, engine.ErrClosed) || !closed && err != nil {
				t.Errorf("the reload: got %v", err)
			}
			if name != "a switch" {
				return
			}
			if got := must(w.call(share{})).Name; got != "" || w.Generation() != 2 {
				t.Errorf("after it: got %q from generation %d, want none from the hook that is off", got, w.Generation())
			}
		})
	}
}

// reloader is a host object that reloads the service of the script which calls it.
type reloader struct{ w *world }

// Reload reloads.
func (r *reloader) Reload() error { return r.w.Engine.Reload(context.Background(), r.w.cfg) }

func TestAScriptThatIsLoadedCannotReloadItsService(t *testing.T) {
	r := &reloader{}
	objects := map[string]engine.Object{"service_of": {Value: r, Methods: []string{"Reload"}}}
	r.w = newWorld(t, engine.Options{Objects: objects}, hook("a", ""))
	err := r.w.Reload(t.Context(), configOf(t, t.TempDir(), hook("a", "service_of:Reload()", func(h *config.Hook) { h.Timeout = time.Minute })))
	if err == nil || !strings.Contains(err.Error(), "a script cannot reload its service while that is being reloaded") {
		t.Errorf("got %v", err)
	}
}
