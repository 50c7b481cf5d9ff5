package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

// logFunc is a log handler.
type logFunc func(context.Context, slog.Record) error

func (f logFunc) Enabled(context.Context, slog.Level) bool        { return true }
func (f logFunc) WithAttrs([]slog.Attr) slog.Handler              { return f }
func (f logFunc) WithGroup(string) slog.Handler                   { return f }
func (f logFunc) Handle(ctx context.Context, r slog.Record) error { return f(ctx, r) }
func logTo(f func(ctx context.Context, r slog.Record) error) *slog.Logger {
	return slog.New(logFunc(f))
}

// said is what a record says, with its hook and phase.
func said(r slog.Record) string {
	at := ""
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "hook" || a.Key == "phase" {
			at += a.Value.String() + " "
		}
		return true
	})
	return at + r.Message
}

const logsAll = `
log.info("loaded")
function pre() log.info("one") log.debug("two") end
function post() log.info("three") end
function finally() log.info("four") end`

func TestALogHandlerThatWaitsKeepsNobodyElseWaiting(t *testing.T) {
	waits, goOn := make(chan struct{}), make(chan struct{})
	w := newWorld(t, engine.Options{Logger: logTo(func(_ context.Context, r slog.Record) error {
		if strings.HasPrefix(r.Message, "slow") {
			waits <- struct{}{}
			<-goOn
		}
		return nil
	})}, hook("a", `
local function say(call) if call.args.share.name == "slow" then log.info("slow") end end
pre, post, finally = say, say, say
function failed(call) say(call) end`))
	var wg sync.WaitGroup
	wg.Go(func() { must(w.call(share{Name: "slow"})) })
	for range 3 {
		<-waits
		must(w.call(share{Name: "quick"}))
		goOn <- struct{}{}
	}
	wg.Wait()
}

// The call that waits for the turn of hook b has it as soon as the other's run has ended.
func TestALogHandlerHoldsUpNoTurnOfAHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w *world
		logger := logTo(func(ctx context.Context, r slog.Record) error {
			if r.Message == "calls" {
				time.Sleep(time.Second)
				return w.made(context.Background(), "quick")
			}
			return nil
		})
		w = newWorld(t, engine.Options{Logger: logger, Objects: (&clerk{}).object()},
			hook("a", `function pre.log() log.info("calls") end`),
			hook("b", `function pre.wait() clerk:Wait(500) end function pre.log() end function pre.quick() end`))
		waits := w.begin(t.Context(), "wait")
		logs := w.begin(t.Context(), "log")
		must(0, <-waits)
		began := time.Now()
		must(0, w.made(t.Context(), "quick"))
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a call waited for %v", waited)
		}
		must(0, <-logs)
	})
}

func TestALogHandlerMayMakeHookedCalls(t *testing.T) {
	var w *world
	var lines []string
	depth, deepest := 0, 0
	logger := logTo(func(ctx context.Context, r slog.Record) error {
		lines = append(lines, said(r))
		if w == nil {
			return nil // it is still being made
		}
		depth++
		deepest = max(deepest, depth)
		_, err := engine.Call(ctx, w.Engine, "create_snapshot", args{}, echo)
		depth--
		return err
	})
	w = newWorld(t, engine.Options{Logger: logger}, hook("a", `log.info("loaded") function pre() log.info("called") end`))
	if _, err := w.call(share{}); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(lines, ", "), "a load loaded, a pre called, a pre called"; got != want || deepest != 2 {
		t.Errorf("got %s, %d deep; want %s", got, deepest, want)
	}
	if n := w.Hooks()[0].Stats.Runs; n != 3 {
		t.Errorf("got %d runs, want the call's, the handler's and one more", n)
	}
}

func TestALogHandlerMayChangeTheEngine(t *testing.T) {
	var w *world
	var lines []string
	w = newWorld(t, engine.Options{Logger: logTo(func(ctx context.Context, r slog.Record) error {
		lines = append(lines, said(r))
		switch r.Message {
		case "switch":
			return w.SetEnabled("a", true)
		case "reload":
			return w.Reload(ctx, w.cfg)
		}
		return nil
	})}, hook("a", `function pre() log.info("switch") log.info("reload") end`))
	must(w.call(share{}))
	if got, want := strings.Join(lines, ", "), "a pre switch, a hook switched, a pre reload, hooks reloaded"; got != want || w.Generation() != 2 {
		t.Errorf("got %s in generation %d, want %s", got, w.Generation(), want)
	}
}

func TestALogHandlerThatPanicsCostsNobodyAnything(t *testing.T) {
	var lines []string
	w := newWorld(t, engine.Options{Logger: logTo(func(_ context.Context, r slog.Record) error {
		lines = append(lines, said(r))
		if !strings.HasPrefix(r.Message, "the log handler") {
			panic("no disk")
		}
		return nil
	})}, hook("a", `n = 0
function pre() n = n + 1 log.info("line") end
function post(call, result) result.size = n error("fails") end
function finally() log.info("line") end`, func(h *config.Hook) { h.SuppressPostErrors = true }))
	for range 2 {
		if s, err := w.call(share{Size: 7}); err != nil || s.Size != 7 {
			t.Errorf("got %+v, %v", s, err)
		}
	}
	if err := w.SetEnabled("a", false); err != nil {
		t.Error(err)
	}
	want := "a pre line, the log handler panicked, and may do so again, a post hook failed, a finally line, " +
		"a pre line, a post hook failed, a finally line, a hook switched"
	if got := strings.Join(lines, ", "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestALogIsInOrderWithTheTimesAtWhichItWasSaid(t *testing.T) {
	var mu sync.Mutex
	var lines []string
	var last time.Time
	logger := logTo(func(_ context.Context, r slog.Record) error {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, said(r))
		if r.Time.Before(last) || r.Time.After(time.Now()) {
			t.Errorf("%s is of %v, after one of %v", r.Message, r.Time, last)
		}
		last = r.Time
		return nil
	})
	w := newWorld(t, engine.Options{Logger: logger}, hook("a", logsAll), hook("b", `
function post() log.warn("until killed") while true do end end
function failed() log.warn("undone") end`, func(h *config.Hook) { h.MaxInstructions, h.SuppressPostErrors = 1000, true }))
	driven := func(_ context.Context, a args) (share, error) {
		lines = append(lines, "driver")
		return a.Share, nil
	}
	must(engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, driven))
	lines = append(lines, "returned")
	want := "a load loaded, a pre one, a pre two, driver, a post three, b post until killed, b post hook failed, a finally four, returned"
	if got := strings.Join(lines, ", "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestTheLogOfATopLevelIsHeardEvenWhenItFails(t *testing.T) {
	var lines []string
	logger := logTo(func(_ context.Context, r slog.Record) error {
		lines = append(lines, said(r))
		return nil
	})
	good, bad := hook("a", `log.info("fine")`), hook("b", `print("before") error("at load")`)
	_, err := engine.New(configOf(t, t.TempDir(), good, bad), "nfs1", engine.Options{Logger: logger})
	var ce *config.Error
	if got, want := strings.Join(lines, ", "), "a load fine, b load before"; got != want || !errors.As(err, &ce) {
		t.Errorf("got %s, want %s; error %v", got, want, err)
	}
}

func TestTicksLogWithoutTheVM(t *testing.T) {
	var w *world
	var lines []string
	w = newWorld(t, engine.Options{Logger: logTo(func(ctx context.Context, r slog.Record) error {
		lines = append(lines, said(r))
		_, err := engine.Call(ctx, w.Engine, "create_snapshot", args{}, echo)
		return err
	})}, hook("a", `function periodic() log.info("tick") error("fails") end function pre() end`,
		func(h *config.Hook) { h.SuppressPeriodicErrors = true }))
	if _, err := w.Tick(context.Background(), func(context.Context) (any, error) { return []share{}, nil }); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(lines, ", "), "a periodic tick, a periodic hook failed"; got != want || w.Hooks()[0].Stats.Runs != 3 {
		t.Errorf("got %s and %d runs, want %s and 3", got, w.Hooks()[0].Stats.Runs, want)
	}
}

const undoes = `function pre() state.incr("n", 1) end function failed() state.incr("n", -1) log.info("undoes") end`

// undoneByGoroutinesThatEnd makes a call whose driver fails, with a log handler that ends each goroutine that undoes
// it.
func undoneByGoroutinesThatEnd(t *testing.T, scripts ...script) *disk {
	t.Helper()
	d := &disk{}
	logger := logTo(func(_ context.Context, r slog.Record) error {
		if r.Message == "undoes" {
			runtime.Goexit()
		}
		return nil
	})
	w := newWorld(t, engine.Options{Store: d, Logger: logger}, scripts...)
	apart(func() {
		_, _ = engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) { return share{}, errDriver })
	})
	return d
}

// What was not undone, since those that are told of it end each goroutine, is undone by another process.
func TestACallWhoseUndoingIsCutShortStaysOpen(t *testing.T) {
	d := undoneByGoroutinesThatEnd(t, hook("a", undoes), hook("b", undoes), hook("c", undoes),
		hook("tells", `function finally(call) events.publish("over", {}) end`))
	calls, err := d.OpenCalls("nfs1")
	if err != nil || len(calls) != 1 || calls[0].Problem == "" {
		t.Fatalf("the open calls are %v, %v; want one with its problem", calls, err)
	}
	done := ""
	for _, h := range calls[0].Hooks {
		done += fmt.Sprint(h.Name, " ", h.Done, ", ")
	}
	if want := "a false, b true, c true, "; done != want {
		t.Errorf("undone are %s, want %s", done, want)
	}
	if got := d.written(); strings.Count(got, "!over") != 1 {
		t.Errorf("the store wrote %q, want one event over", got)
	}
}

func TestACallThatIsUndoneIsClosedThoughEachGoroutineEnds(t *testing.T) {
	d := undoneByGoroutinesThatEnd(t, hook("a", undoes), hook("b", undoes))
	if calls, err := d.OpenCalls("nfs1"); err != nil || len(calls) > 0 {
		t.Errorf("the open calls are %v, %v; want none", calls, err)
	}
}

// counting is a store that counts what is reserved in its outbox.
type counting struct {
	effect.Memory
	room int
}

func (c *counting) Reserve(n int) error {
	c.room += n
	return c.Memory.Reserve(n)
}

func (c *counting) Release(n int) {
	c.room -= n
	c.Memory.Release(n)
}

func TestACallWhoseFailingIsCutShortKeepsNoRoom(t *testing.T) {
	for _, undoes := range []string{"", ` function failed() end`} {
		c := &counting{}
		w := newWorld(t, engine.Options{Store: c}, hook("a", `function pre() events.publish("asked", {}) end`+undoes))
		apart(func() {
			_, _ = engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) { return share{}, silent{} })
		})
		if c.room != 0 {
			t.Errorf("%q: room for %d events is still reserved", undoes, c.room)
		}
	}
}

// silent is an error that cannot be read.
type silent struct{}

func (silent) Error() string {
	runtime.Goexit()
	return ""
}

// mute is an error that cannot be read once.
type mute struct{ quits *bool }

func (m mute) Error() string {
	if *m.quits {
		*m.quits = false
		runtime.Goexit()
	}
	return "failed"
}

func TestACallWhoseErrorEndsTheGoroutineIsUndone(t *testing.T) {
	w, d := storeWorld(t, hook("a", `function pre() state.set("a", 1) end function failed() state.delete("a") end`))
	quits := false
	apart(func() {
		_, _ = engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) {
			quits = true
			return share{}, mute{&quits}
		})
	})
	if got, want := d.written(), "a=1+open a=+open close"; got != want || quits {
		t.Errorf("the store wrote %q, want %q", got, want)
	}
}

// The handler is told while what a pre did is on its way to the disk.
func TestALogHandlerThatEndsTheGoroutineLosesNoRun(t *testing.T) {
	d := &disk{}
	exits := false
	logger := logTo(func(_ context.Context, r slog.Record) error {
		if exits && r.Message == "acts" {
			runtime.Goexit()
		}
		return nil
	})
	w := newWorld(t, engine.Options{Store: d, Logger: logger},
		hook("a", `
function pre() state.set("a", 1) log.info("acts") return "pre" end
function failed(call) events.publish("undone." .. call.pre, {}) end`),
		hook("b", `function failed(call) events.publish("not.reached", {}) end`),
		hook("c", `function pre() state.set("a", 2) end`))
	for _, exits = range []bool{true, false, true} {
		apart(func() { _, _ = engine.Call(t.Context(), w.Engine, "make", args{}, echo) })
		want := "a=1+open !undone.pre+open close"
		if !exits {
			want = "a=1+open a=2+open close"
		}
		if got := d.written(); got != want {
			t.Errorf("exits: %v: the store wrote %q, want %q", exits, got, want)
		}
	}
}
