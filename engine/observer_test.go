package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

// watcher is an observer that writes down what it is told.
type watcher struct {
	mu    sync.Mutex
	told  []string
	panic bool
}

func (w *watcher) RunEnded(_ context.Context, s engine.Span) {
	w.tell("%s %s %s: %s, waited %v for its turn, %v for the VM, %v for the host, %v for the VM again, took %v, %v instructions",
		s.Method, s.Hook, s.Phase, s.Status, s.WaitTurn, s.Wait, s.WaitHost, s.WaitAgain, s.Duration, s.Instructions > 0)
	if s.Returned != nil || s.Before != nil || s.Logs != nil || s.Service != "nfs1" {
		w.tell("a span with values: %+v", s)
	}
}

func (w *watcher) Measured(_ context.Context, m effect.Metric) {
	w.tell("%s %s counted %s %v", m.Service, m.Hook, m.Name, m.Labels)
}

func (w *watcher) CallEnded(_ context.Context, c engine.CallSummary) {
	w.tell("%s %s: %s, waited %v, took %v, the driver %v, %v", c.Service, c.Method, c.Outcome, c.Wait, c.Duration, c.Driver, c.Err)
}

func (w *watcher) tell(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, fmt.Sprintf(format, args...))
	if w.panic {
		panic("observer")
	}
}

func (w *watcher) heard() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := strings.Join(w.told, "\n")
	w.told = nil
	return all
}

func observedWorld(t *testing.T, o engine.Observer, scripts ...script) *world {
	for i := range scripts {
		scripts[i].set = func(h *config.Hook) { h.Timeout = time.Hour }
	}
	return newWorld(t, engine.Options{
		Observer: o, Objects: map[string]engine.Object{"clerk": {Value: &clerk{}, Methods: []string{"Wait"}}},
	}, scripts...)
}

func TestTheObserverSeesWhoWaitsForWhat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, g := &watcher{}, newGate()
		w := observedWorld(t, o,
			hook("a", `function pre.ask() clerk:Wait(20) log.info("seen") return 1 end function post.ask() end`),
			hook("b", `function pre.hold(call) local _ = call.context.gate end`))
		driver := func(context.Context, args) (share, error) { time.Sleep(3 * time.Millisecond); return share{}, nil }
		ask := func() { must(engine.Call(t.Context(), w.Engine, "ask", args{}, driver)) }
		var wg sync.WaitGroup
		wg.Go(ask)
		synctest.Wait()
		wg.Go(ask)
		synctest.Wait()
		go func() { _, _ = engine.Call(g.held(), w.Engine, "hold", args{}, echo) }()
		<-g.entered
		time.Sleep(25 * time.Millisecond) // the first wants the VM back, and 5 ms later gets it
		g.open <- struct{}{}
		wg.Wait()
		got := strings.Split(o.heard(), "\n")
		slices.Sort(got)
		want := `ask a post: ok, waited 0s for its turn, 0s for the VM, 0s for the host, 0s for the VM again, took 0s, true instructions
ask a post: ok, waited 17ms for its turn, 0s for the VM, 0s for the host, 0s for the VM again, took 0s, true instructions
ask a pre: ok, waited 0s for its turn, 0s for the VM, 20ms for the host, 5ms for the VM again, took 25ms, true instructions
ask a pre: ok, waited 25ms for its turn, 0s for the VM, 20ms for the host, 0s for the VM again, took 20ms, true instructions
hold b pre: ok, waited 0s for its turn, 0s for the VM, 0s for the host, 0s for the VM again, took 25ms, true instructions
nfs1 ask: completed, waited 22ms, took 45ms, the driver 3ms, <nil>
nfs1 ask: completed, waited 25ms, took 48ms, the driver 3ms, <nil>
nfs1 hold: completed, waited 0s, took 25ms, the driver 0s, <nil>`
		if strings.Join(got, "\n") != want {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
		}
	})
}

func TestTheObserverIsToldOfEveryEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &watcher{}
		w := observedWorld(t, o, hook("a", `
function pre.rejects() reject("no") end
function pre.fails() error("broken") end
function finally.late() end
function periodic() error("tick") end
function pre.waits() clerk:Wait(100) end`))
		want := func(what string) {
			t.Helper()
			if got := o.heard(); got != what {
				t.Errorf("got\n%s\nwant\n%s", got, what)
			}
		}
		_ = w.made(t.Context(), "rejects")
		want(`rejects a pre: rejected, waited 0s for its turn, 0s for the VM, 0s for the host, 0s for the VM again, took 0s, true instructions
nfs1 rejects: rejected, waited 0s, took 0s, the driver 0s, nfs1 rejects: rejected by hook a: no`)
		_ = w.made(t.Context(), "fails")
		want(`fails a pre: error, waited 0s for its turn, 0s for the VM, 0s for the host, 0s for the VM again, took 0s, true instructions
nfs1 fails: failed, waited 0s, took 0s, the driver 0s, nfs1 fails: hook a (pre): a.lua:3: broken`)
		_, _ = engine.Call(t.Context(), w.Engine, "late", args{}, failing)
		want(`late a finally: ok, waited 0s for its turn, 0s for the VM, 0s for the host, 0s for the VM again, took 0s, true instructions
nfs1 late: failed, waited 0s, took 0s, the driver 0s, disk full`)
		_, _ = w.Tick(t.Context(), func(context.Context) (any, error) { return []share{}, nil })
		want(`periodic a periodic: error, waited 0s for its turn, 0s for the VM, 0s for the host, 0s for the VM again, took 0s, true instructions
nfs1 periodic: failed, waited 0s, took 0s, the driver 0s, nfs1 periodic: hook a (periodic): a.lua:5: tick`)
		_, _ = w.Tick(t.Context(), func(context.Context) (any, error) { time.Sleep(time.Second); return nil, errDriver })
		want("nfs1 periodic: failed, waited 0s, took 1s, the driver 0s, nfs1 tick 2: the periodic data: disk full")
		_, _ = w.Tick(t.Context(), nil)
		want("nfs1 periodic: failed, waited 0s, took 0s, the driver 0s, nfs1 tick 3: the periodic data is nil: want a function that provides it")
		waits := w.begin(t.Context(), "waits")
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Millisecond)
		defer cancel()
		err := w.made(ctx, "waits")
		want("nfs1 waits: failed, waited 7ms, took 7ms, the driver 0s, " + err.Error())
		must(0, <-waits)
		o.heard()
		must(0, w.made(t.Context(), "nobody"))
		want("")
	})
}

// Calls that were interrupted matter most, and those that stay open are told of once, as their finally functions are.
func TestTheObserverIsToldOfCallsThatWereInterrupted(t *testing.T) {
	const source = `
function pre() state.set("a", 1) end
function failed() metrics.count("undone") DOES end
function finally(_, outcome) metrics.count("calls", 1, {status = outcome.status}) end`
	broken := strings.Replace(source, "DOES", `error("oh")`, 1)
	mended := strings.Replace(source, "DOES", `state.set("a", 0)`, 1)
	synctest.Test(t, func(t *testing.T) {
		run := func(phase, status string) string {
			return "make a " + phase + ": " + status + ", waited 0s for its turn, 0s for the VM, 0s for the host, 0s for the VM again, took 0s, true instructions\n"
		}
		const (
			counted = "nfs1 a counted calls map[status:failed]\n"
			undone  = "nfs1 a counted undone map[]\n"
			ended   = "nfs1 make: failed, waited 0s, took 0s, the driver 0s, the process ended during the call; whether the driver did its work is unknown"
		)
		for _, test := range []struct{ first, want, again string }{
			{mended, undone + run("failed", "ok") + counted + run("finally", "ok") + ended, ""},
			{broken, run("failed", "suppressed") + counted + run("finally", "ok") + ended, undone + run("failed", "ok")},
		} {
			o := &watcher{}
			w := restarted(t, interrupted(t, hook("a", mended)), engine.Options{Observer: o}, hook("a", test.first))
			if got := o.heard(); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			must(0, w.Reload(t.Context(), configOf(t, t.TempDir(), hook("a", mended))))
			if got := o.heard(); got != strings.TrimSuffix(test.again, "\n") {
				t.Errorf("when it was undone at last: got\n%s\nwant\n%s", got, test.again)
			}
		}
	})
}

func TestAnObserverThatPanicsHarmsNobody(t *testing.T) {
	o := &watcher{panic: true}
	w := observedWorld(t, o, hook("a", `function pre() end`))
	if err := w.made(t.Context(), "ask"); err != nil {
		t.Error(err)
	}
	if got := w.log.String(); strings.Count(got, "the observer panicked") != 2 {
		t.Errorf("the log says %s", got)
	}
}

// lateObserver is told of the end of a call when the test says so.
type lateObserver struct {
	watcher
	goOn chan struct{}
}

func (o *lateObserver) CallEnded(ctx context.Context, c engine.CallSummary) {
	<-o.goOn
	o.watcher.CallEnded(ctx, c)
}

func TestShutdownWaitsUntilTheObserverHasBeenTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &lateObserver{goOn: make(chan struct{})}
		w := observedWorld(t, o, hook("a", `function pre() end`))
		ended := w.begin(t.Context(), "make")
		shut := make(chan error, 1)
		go func() { shut <- w.Shutdown(t.Context()) }()
		synctest.Wait()
		if len(shut) > 0 {
			t.Error("the engine is shut down, and the observer was not told of the last call")
		}
		close(o.goOn)
		must(0, <-shut)
		must(0, <-ended)
		if got := o.heard(); !strings.Contains(got, "nfs1 make: completed") {
			t.Errorf("the observer was told %q", got)
		}
	})
}

// Metrics are held until their run ends: no longer, and no shorter, whatever calls their function.
func TestMetricsCountUntilTheirRunEnds(t *testing.T) {
	w := observedWorld(t, &watcher{},
		hook("many", `function pre.many() for i = 1, 2000 do metrics.count("n") end end`),
		hook("little", `function pre() for i = 1, 20 do local _ = ("x"):rep(100000) .. i end end`),
		hook("all", `
local labels = {}
for i = 1, 10 do labels["label" .. i] = ("x"):rep(200) end
function pre.all()
  local n = 0
  while n < 3000 and pcall(metrics.count, "n", 1, labels) do n = n + 1 end
  assert(n > 500 and n < 2000, n .. " metrics")
end`))
	for i := range w.cfg.Services["nfs1"].Hooks {
		w.cfg.Services["nfs1"].Hooks[i].MaxMemory = 4 << 20
	}
	must(0, w.Reload(t.Context(), w.cfg))
	if err := w.made(t.Context(), "many"); err != nil {
		t.Errorf("a hook after one with many metrics: %v", err)
	}
	if err := w.made(t.Context(), "all"); err != nil {
		t.Errorf("a hook that goes on when there is no memory for more metrics: %v", err)
	}
}
