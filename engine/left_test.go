package engine_test

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

// What is kept of an open call must be enough to go on with it, whichever hooks have effects and whichever have none.

func TestAnOpenCallKeepsItsArgumentsAlsoWhereTheLastHookHasNoEffects(t *testing.T) {
	grow := hook("b", `function pre(call) call.args.share.size = call.args.share.size + 1 return {"grown"} end`,
		func(h *config.Hook) { h.ChangeArgs = true })
	d := interrupted(t, hook("a", reserve), grow)
	calls, err := d.OpenCalls("nfs1")
	if err != nil || len(calls) != 1 || len(calls[0].Hooks) != 2 {
		t.Fatalf("open calls: %+v, error %v; want one with two hooks", calls, err)
	}
	if got, want := string(calls[0].Hooks[1].Pre), `["grown"]`; got != want {
		t.Errorf("call.pre of the last hook: got %s, want %s", got, want)
	}
	var asked engine.OpenCall
	restarted(t, d, engine.Options{Outcome: func(_ context.Context, c engine.OpenCall) (any, error) {
		asked = c
		return nil, engine.ErrOutcomeUnknown
	}}, hook("a", reserve), grow)
	if diff := cmp.Diff(args{share{ID: "s-1", Size: 6}}, asked.Args, cmp.AllowUnexported(share{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the program was asked about (-want +got):\n%s", diff)
	}
}

func TestAPostWithoutEffectsIsNotRunTwiceAfterACrash(t *testing.T) {
	grow := `function post(_, result) result.size = result.size + 1 end`
	tell := `function pre() state.set("a", 1) end function post(_, result) events.publish("made", {n = result.size}) end`
	hooks := []script{hook("grow", grow), hook("a", tell), hook("b", tell)}
	w, d := storeWorld(t, hooks...)
	crashed := d.crashesAt(t, effect.OutcomeCompleted)
	if _, err := engine.Call(t.Context(), w.Engine, "make", args{share{Size: 5}}, echo); err != nil {
		t.Fatal(err)
	}
	after := crashed()
	restarted(t, after, engine.Options{}, hooks...)
	if got, want := string(after.Events()[0].Data), `{"n":6}`; got != want {
		t.Errorf("the last post saw %s, want %s", got, want)
	}
}

// TestACallThatStaysOpenKeepsWhyItFailed: its caller was answered, so nobody is asked what became of it, and its
// finally functions are not run again, however often it is tried to undo it.
func TestACallThatStaysOpenKeepsWhyItFailed(t *testing.T) {
	failsWith := func(failed string) []script {
		return []script{
			hook("a", `
			function pre() state.set("a", 1) end
			function failed(call, err) `+failed+` end
			function finally(call, outcome) events.publish("over", {outcome.status}) end`),
			hook("b", `function failed() end`), // without effects
			hook("c", `function pre(call) if call.args.share.id == "no" then reject("no", "no") end end`),
		}
	}
	broken := failsWith(`error("oh")`)
	mended := failsWith(`events.publish("undone", {err.source, err.kind, err.code or "-", err.message})`)
	for _, test := range []struct {
		name, id string
		driver   func(context.Context, args) (share, error)
		want     string
	}{
		{"the driver failed", "s-1", failing, `["driver","driver","no_space","disk full"]`},
		{"the driver panicked", "s-1", driverPanics, `["driver","driver","-","the driver panicked, or ended its goroutine"]`},
		{"a hook refused it", "no", echo, `["hook","rejected","no","no"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, d := storeWorld(t, broken...)
			func() {
				defer func() { _ = recover() }()
				_, _ = engine.Call(t.Context(), w.Engine, "make", args{share{ID: test.id}}, test.driver)
			}()
			unasked := engine.Options{Outcome: func(_ context.Context, c engine.OpenCall) (any, error) {
				t.Errorf("the program was asked about call %s", c.ID)
				return share{}, nil
			}}
			for range 2 {
				d = d.crash(t)
				restarted(t, d, unasked, broken...)
			}
			d = d.crash(t)
			restarted(t, d, unasked, mended...)
			if got, want := d.written(), "!undone+open close"; got != want {
				t.Errorf("at last the store wrote %q, want %q", got, want)
			}
			events := d.Events()
			if len(events) != 1 || string(events[0].Data) != test.want {
				t.Errorf("events: %+v, want one that says %s", events, test.want)
			}
		})
	}
}

func TestAnInterruptedRejectionIsARejectionToFinally(t *testing.T) {
	hooks := []script{
		hook("a", `function pre() state.set("a", 1) end function failed() events.publish("undone", {}) end
			function finally(_, outcome) log.info("over", {status = outcome.status, called = outcome.driver_called}) end`),
		hook("b", `function pre() reject("no", "no") end`),
	}
	w, d := storeWorld(t, hooks...)
	crashed := d.crashesAt(t, effect.OutcomeFailed)
	if _, err := engine.Call(t.Context(), w.Engine, "make", args{}, echo); err == nil {
		t.Fatal("want a rejection")
	}
	after := crashed()
	w = restarted(t, after, engine.Options{}, hooks...)
	if want := "called=false status=rejected"; !strings.Contains(w.log.String(), want) {
		t.Errorf("want the log to say %s, got\n%s", want, w.log)
	}
}

// TestAPanicOfTheDriverGoesOnWhenItsCallIsClosed: else the call of a caller that recovers may be found open after a
// crash.
func TestAPanicOfTheDriverGoesOnWhenItsCallIsClosed(t *testing.T) {
	w, d := storeWorld(t, hook("a", `function pre() state.set("a", 1) end`))
	waited := false
	d.onWait = func(what string) { waited = waited || what == "close" }
	func() {
		defer func() { _ = recover() }()
		_, _ = engine.Call(t.Context(), w.Engine, "make", args{}, driverPanics)
	}()
	if !waited {
		t.Error("nobody waited for the commit that closes the call")
	}
}

func TestTheDriversErrorIsReadWithoutTheVM(t *testing.T) {
	w, _ := storeWorld(t, hook("a", `function pre() events.publish("asked", {}, {when = "always"}) end function failed() events.publish("undone", {}) end`))
	err := &callingError{w: w}
	_, got := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) { return share{}, err })
	if !errors.Is(got, err) || err.calls == 0 {
		t.Errorf("got %v, read %d times; want the driver's error, read", got, err.calls)
	}
}

// callingError makes a hooked call whenever it is read.
type callingError struct {
	w     *world
	calls int
}

func (e *callingError) Error() string {
	e.calls++
	_, _ = engine.Call(context.Background(), e.w.Engine, "make", args{}, echo)
	return "no space"
}

// What became of a call may become known later than that it was interrupted.
func TestACallThatCouldNotBeUndoneIsFinishedOnceItIsKnownThatItSucceeded(t *testing.T) {
	d := interrupted(t, hook("a", stubborn))
	restarted(t, d, engine.Options{}, hook("a", stubborn))
	if got, want := d.written(), "open?"; got != want {
		t.Fatalf("the store wrote %q, want %q", got, want)
	}
	d = d.crash(t)
	restarted(t, d, engine.Options{Outcome: func(context.Context, engine.OpenCall) (any, error) { return share{Size: 5}, nil }},
		hook("a", stubborn))
	if got, want := d.written(), "!asked+!made+close"; got != want {
		t.Errorf("the store wrote %q, want %q", got, want)
	}
}

// A program that panics has not said what became of the call.
func TestACallStaysOpenWhenTheProgramPanicsInsteadOfSayingWhatBecameOfIt(t *testing.T) {
	d := interrupted(t, hook("a", reserve))
	asked := 0
	w := restarted(t, d, engine.Options{Outcome: func(context.Context, engine.OpenCall) (any, error) {
		if asked++; asked == 1 {
			panic("a bug")
		}
		return share{Size: 5}, nil
	}}, hook("a", reserve))
	calls, err := d.OpenCalls("nfs1")
	if err != nil || len(calls) != 1 || !strings.Contains(calls[0].Problem, "panic: a bug") {
		t.Fatalf("open calls: %v, %v; want one, and why", calls, err)
	}
	if err := w.Reload(t.Context(), w.cfg); err != nil {
		t.Fatal(err)
	}
	if calls, _ := d.OpenCalls("nfs1"); len(calls) != 0 || asked != 2 {
		t.Errorf("open calls: %v, asked %d times; want none, and two", calls, asked)
	}
}

// A program that is told to stop asking has not said that the call failed.
func TestACallStaysOpenWhenAReloadEndsBeforeItIsKnownWhatBecameOfIt(t *testing.T) {
	d := interrupted(t, hook("a", stubborn))
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	w := restarted(t, d, engine.Options{Outcome: func(ctx context.Context, _ engine.OpenCall) (any, error) {
		switch asked++; asked {
		case 1:
			return nil, engine.ErrOutcomeUnknown
		case 2:
			cancel()
			return nil, ctx.Err()
		}
		return share{Size: 5}, nil
	}}, hook("a", stubborn))
	if err := w.Reload(ctx, w.cfg); err != nil {
		t.Fatal(err)
	}
	if calls, _ := d.OpenCalls("nfs1"); len(calls) != 1 {
		t.Fatalf("open calls: %v, want one", calls)
	}
	if err := w.Reload(t.Context(), w.cfg); err != nil {
		t.Fatal(err)
	}
	if calls, _ := d.OpenCalls("nfs1"); len(calls) != 0 || asked != 3 {
		t.Errorf("open calls: %v, asked %d times; want none, and three", calls, asked)
	}
}

// An engine that begins undoes calls that it finds open, so nobody may be at work on them.
func TestAServiceHasOneEngineInAStore(t *testing.T) {
	w, d := storeWorld(t, hook("a", reserve))
	again := func() error {
		e, err := engine.New(w.cfg, "nfs1", engine.Options{Store: d})
		if err == nil {
			_ = e.Close()
		}
		return err
	}
	_, err := engine.Call(t.Context(), w.Engine, "make", args{share{ID: "s-1", Size: 5}}, func(_ context.Context, a args) (share, error) {
		if err := again(); !errors.Is(err, effect.ErrClaimed) {
			t.Errorf("beside an engine: got %v", err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if err := again(); !errors.Is(err, effect.ErrClaimed) {
			t.Errorf("while the driver of a closed one runs: got %v", err)
		}
		return a.Share, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := d.written(), "used=5+open? !asked+!made+close"; got != want {
		t.Errorf("the store wrote %q, want %q", got, want)
	}
	if err := again(); err != nil {
		t.Errorf("when all calls have ended: got %v", err)
	}
}

func TestAnEngineThatIsRefusedLeavesTheStoreAsItIs(t *testing.T) {
	w, d := storeWorld(t, hook("a", `function post() events.publish("made", {}) events.publish("made", {}) end`))
	small := *w.cfg
	small.Store = config.DefaultStore()
	small.Store.MaxOutbox = 1
	if _, err := engine.New(&small, "nfs1", engine.Options{Store: d}); !errors.Is(err, effect.ErrClaimed) {
		t.Fatalf("beside an engine: got %v", err)
	}
	call := func() error {
		_, err := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) { return share{}, nil })
		return err
	}
	if err := errors.Join(call(), call()); err != nil {
		t.Errorf("with an outbox of any size: got %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Reload(t.Context(), &small); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("a closed engine is loaded again: got %v", err)
	}
	if err := d.Reserve(2); err != nil {
		t.Errorf("with an outbox of any size: got %v", err)
	}
}

// meddled is a store that does something when it is configured.
type meddled struct {
	disk
	onConfigure func()
}

func (m *meddled) Configure(keep config.Store, sinks map[string]config.Sink, own map[string]effect.Sink, secrets ...string) error {
	if do := m.onConfigure; do != nil {
		m.onConfigure = nil
		do()
	}
	return m.disk.Configure(keep, sinks, own, secrets...)
}

// Otherwise it would set up the store of the next engine by its own config.
func TestAReloadThatSetsUpTheStoreKeepsItFromTheNextEngine(t *testing.T) {
	d := &meddled{}
	w := newWorld(t, engine.Options{Store: d}, hook("a", reserve))
	next := func() error {
		e, err := engine.New(w.cfg, "nfs1", engine.Options{Store: d})
		if err == nil {
			_ = e.Close()
		}
		return err
	}
	d.onConfigure = func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if err := next(); !errors.Is(err, effect.ErrClaimed) {
			t.Errorf("while the reload sets up the store: got %v, want ErrClaimed", err)
		}
	}
	if err := w.Reload(t.Context(), w.cfg); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("the reload: got %v, want ErrClosed", err)
	}
	if err := next(); err != nil {
		t.Errorf("afterwards: got %v", err)
	}
}

// A call that could be neither undone nor finished after a crash does not begin.
func TestACallThatCannotBeWrittenDownIsRefusedBeforeItsDriver(t *testing.T) {
	for _, test := range []struct {
		name, acts, other, want string
		size                    any
	}{
		{"a number that is none", `function pre() state.set("a", 1) end`, "", "args.size: want a finite number, got NaN", math.NaN()},
		{"bytes that are no text", `function pre() state.set("a", 1) end`, "", `args.size: want text in UTF-8, got the byte \xe9`, "caf\xe9"},
		{"a function to undo it by", `function pre() state.set("a", 1) return {f = print} end`, "", "call.pre.f: want data, got function", 1},
		{"a function of a hook that does nothing", `function pre() state.set("a", 1) end`, `function pre() return print end`, "", 1},
		{"a call that nobody writes down", `function pre() return print end`, "", "", math.NaN()},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, _ := storeWorld(t, hook("a", test.acts), hook("b", test.other))
			called := false
			_, err := engine.Call(t.Context(), w.Engine, "other", map[string]any{"size": test.size}, func(context.Context, map[string]any) (any, error) {
				called = true
				return nil, nil
			})
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var he *engine.HookError
			if !errors.As(err, &he) || he.Kind != engine.KindStore || he.Message != "the call cannot be written down: "+test.want || called {
				t.Errorf("got %v, driver called %v; want %s, and no driver", err, called, test.want)
			}
		})
	}
}

const (
	keepsFailing = `function pre() state.set("a", 1) end function failed() error("oh") end`
	givesBack    = `function pre() state.set("a", 1) end function failed() state.incr("back") end`
)

// The line that says that a call stays open is the program's chance to mend the script.
func TestACallIsUndoneOnceByAReloadThatComesAsSoonAsItStaysOpen(t *testing.T) {
	var w *world
	d := &disk{}
	mended := configOf(t, t.TempDir(), hook("a", givesBack))
	logger := logTo(func(ctx context.Context, r slog.Record) error {
		if strings.HasPrefix(r.Message, "a call stays open") {
			return w.Reload(ctx, mended)
		}
		return nil
	})
	w = newWorld(t, engine.Options{Store: d, Logger: logger}, hook("a", keepsFailing))
	if _, err := engine.Call(t.Context(), w.Engine, "make", args{}, failing); err == nil {
		t.Fatal("want the driver's error")
	}
	if calls, _ := d.OpenCalls("nfs1"); len(calls) != 0 {
		t.Errorf("open calls: %+v, want none", calls)
	}
	if got := stored(beginOn(t, d.Scope("nfs1", "a")), "back"); got != "1" {
		t.Errorf("given back %q times, want once", got)
	}
}

func TestALogHandlerMayReloadWhileCallsAreUndone(t *testing.T) {
	d := interrupted(t, hook("a", keepsFailing))
	var w *world
	reloads := 0
	logger := logTo(func(ctx context.Context, r slog.Record) error {
		if w == nil || reloads == 3 || !strings.HasPrefix(r.Message, "a call stays open") {
			return nil
		}
		reloads++
		return w.Reload(ctx, w.cfg)
	})
	w = restarted(t, d, engine.Options{Logger: logger}, hook("a", keepsFailing))
	if err := w.Reload(t.Context(), w.cfg); err != nil || reloads == 0 {
		t.Errorf("got %v, and %d more reloads; want some", err, reloads)
	}
}

// Another engine may have the calls as soon as Shutdown has returned.
func TestShutdownWaitsForAReloadThatUndoesCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := interrupted(t, hook("a", reserve))
		calls, _ := d.OpenCalls("nfs1")
		for _, key := range []string{"second", "third"} {
			more := calls[0]
			more.Key = key
			_, _ = d.Memory.Commit(&effect.Commit{Open: &more})
		}
		asked, goOn := 0, make(chan struct{})
		w := restarted(t, d, engine.Options{Outcome: func(context.Context, engine.OpenCall) (any, error) {
			if asked++; asked <= 3 {
				panic("not yet")
			}
			<-goOn
			return share{Size: 5}, nil
		}}, hook("a", reserve))
		reloaded, shut := make(chan error, 1), make(chan error, 1)
		go func() { reloaded <- w.Reload(t.Context(), w.cfg) }()
		synctest.Wait()
		go func() { shut <- w.Shutdown(t.Context()) }()
		synctest.Wait()
		if len(shut) > 0 {
			t.Error("the engine is shut down while it is at work on a call")
		}
		d.written()
		close(goOn)
		must(0, <-shut)
		must(0, <-reloaded)
		if calls, _ := d.OpenCalls("nfs1"); len(calls) != 2 || asked != 4 {
			t.Errorf("%d calls are open, and the program was asked %d times; want 2, and 4: those of the next engine", len(calls), asked)
		}
		if got, want := d.written(), "!asked+!made+close"; got != want {
			t.Errorf("the store wrote %q, want %q", got, want)
		}
	})
}

// The hooks behind the last one with effects are written down only when a failed function of theirs fails.
func TestNoHookIsForgottenWhoseFailedFails(t *testing.T) {
	hooks := func(failed string) []script {
		return []script{
			hook("a", `function pre() state.set("a", 1) end function failed() events.publish("a", {}) end`),
			hook("b", `function pre(call) return {call.args.share.id} end function failed(call) `+failed+` end`),
			hook("c", `function pre() reject("no") end`),
		}
	}
	w, d := storeWorld(t, hooks(`error("oh")`)...)
	if err := w.made(t.Context(), "make"); err == nil {
		t.Fatal("want a rejection")
	}
	for _, failed := range []string{`error("still")`, `events.publish("b", {call.pre[1]})`} {
		calls, _ := d.OpenCalls("nfs1")
		if len(calls) != 1 || len(calls[0].Hooks) != 2 || calls[0].Hooks[1].Done {
			t.Fatalf("open calls: %+v, want one with hook b to do", calls)
		}
		d = d.crash(t)
		restarted(t, d, engine.Options{}, hooks(failed)...)
	}
	if calls, _ := d.OpenCalls("nfs1"); len(calls) != 0 || len(d.Events()) != 1 || string(d.Events()[0].Data) != `[""]` {
		t.Errorf("open calls: %+v, events: %+v; want none, and that of hook b", calls, d.Events())
	}
}

// The values of such a call are no records, in which integers are what the program gave.
func TestABareIntegerOfAnInterruptedCallKeepsItsDigits(t *testing.T) {
	const id = int64(1<<53 + 1)
	source := hook("a", `function pre(call) state.set("a", 1) end function failed(call) events.publish("undone", {call.args}) end`)
	w, d := storeWorld(t, source)
	var after *disk
	_, _ = engine.Call(t.Context(), w.Engine, "make", id, func(context.Context, int64) (int64, error) {
		after = d.crash(t)
		return 0, nil
	})
	newWorld(t, engine.Options{Store: after}, source)
	if events := after.Events(); len(events) != 1 || string(events[0].Data) != "[9007199254740993]" {
		t.Errorf("events: %+v, want one with all digits", events)
	}
}

func TestACallIsTriedAgainWithTheScriptsThatCameMeanwhile(t *testing.T) {
	d := interrupted(t, hook("a", stubborn))
	asked := make(chan struct{})
	goOn := make(chan struct{})
	n := 0
	w := restarted(t, d, engine.Options{Outcome: func(context.Context, engine.OpenCall) (any, error) {
		if n++; n == 1 {
			panic("not yet")
		}
		if n == 2 {
			asked <- struct{}{}
			<-goOn
		}
		return nil, engine.ErrOutcomeUnknown
	}}, hook("a", stubborn))
	first := make(chan error)
	go func() { first <- w.Reload(t.Context(), w.cfg) }()
	<-asked
	must(0, w.Reload(t.Context(), configOf(t, t.TempDir(), hook("a", reserve))))
	close(goOn)
	must(0, <-first)
	if calls, _ := d.OpenCalls("nfs1"); len(calls) != 0 {
		t.Errorf("open calls: %+v, want none", calls)
	}
}
