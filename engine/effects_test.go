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
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

// disk is a store in memory that takes its time as a disk does: a commit is durable when it is written, by write or, if
// quick, at once. What is not durable is lost in a crash.
type disk struct {
	effect.Memory
	mu     sync.Mutex
	queue  []*ticket
	slow   bool  // whether commits wait for write
	broken error // of all commits that are to be written
	refuse error // of all that are to be queued
	wrote  strings.Builder
	onOpen func(*effect.OpenCall) // told of each open call that was written; nil for nobody
	onWait func(what string)      // told of each commit for which somebody waits; nil for nobody
}

// errFull is the error of commits with an event "refuse", which are not queued, or "lose", which are not written.
var errFull = errors.New("no space left")

// crashesAt has the disk copied as a crash would leave it when an outcome is written for the first time.
func (d *disk) crashesAt(t *testing.T, outcome effect.Outcome) (after func() *disk) {
	var left *disk
	d.onOpen = func(c *effect.OpenCall) {
		if c.Outcome == outcome && left == nil {
			left = d.crash(t)
		}
	}
	return func() *disk { return left }
}

type ticket struct {
	disk *disk
	what string
	done chan struct{}
	err  error
}

func (t *ticket) Wait(ctx context.Context) error {
	if t.disk.onWait != nil {
		t.disk.onWait(t.what)
	}
	select {
	case <-t.done:
		return t.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *disk) Commit(c *effect.Commit) (effect.Ticket, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != nil && !c.Owed {
		return nil, d.refuse
	}
	if strings.Contains(describe(c), "!refuse") {
		return nil, errFull
	}
	if _, err := d.Memory.Commit(c); err != nil {
		return nil, err
	}
	t := &ticket{disk: d, what: describe(c), done: make(chan struct{})}
	d.queue = append(d.queue, t)
	if !d.slow {
		d.writeLocked()
	}
	if c.Open != nil && d.onOpen != nil {
		d.onOpen(c.Open)
	}
	return t, nil
}

// describe says in a word what a commit does.
func describe(c *effect.Commit) string {
	var parts []string
	if c.State != nil {
		for e := range c.State.Changes() {
			parts = append(parts, e.Key+"="+string(e.Value))
		}
	}
	for _, e := range c.Events {
		parts = append(parts, "!"+e.Type)
	}
	if c.Open != nil {
		parts = append(parts, "open"+strings.Repeat("?", len(c.Open.Events)))
	}
	if c.Close != "" {
		parts = append(parts, "close")
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, "+")
}

func (d *disk) write() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writeLocked()
}

// lose loses what is queued, and is quick from then on.
func (d *disk) lose() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = errFull
	d.writeLocked()
	d.broken, d.slow = nil, false
}

func (d *disk) writeLocked() {
	for _, t := range d.queue {
		if t.err = d.broken; strings.Contains(t.what, "!lose") {
			t.err = errFull
		}
		if t.err == nil {
			fmt.Fprint(&d.wrote, t.what, " ")
		}
		close(t.done)
	}
	d.queue = nil
}

func (d *disk) written() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.wrote.Reset()
	return strings.TrimSpace(d.wrote.String())
}

func storeWorld(t *testing.T, scripts ...script) (*world, *disk) {
	t.Helper()
	d := &disk{}
	return newWorld(t, engine.Options{Store: d}, scripts...), d
}

const notify = `
function pre(call) events.publish("asked", {}) end
function post(call) events.publish("made", {size = call.args.share.size}) end
function failed(call) events.publish("failed", {}) end
function finally(call, outcome) events.publish("over", {status = outcome.status}) end`

func TestEventsAreSentWhenWhatTheyTellOfHasHappened(t *testing.T) {
	for _, test := range []struct{ name, script, fails, want string }{
		{"a call that completes", notify, "", "open? !asked+!made+close !over"},
		{"a driver that fails", notify, "no space", "open? !failed+open close !over"},
		{"events for whatever comes", `function pre() events.publish("tried", {}, {when = "always"}) end`, "no space", "!tried+open close"},
		{"a run that fails", `function post() events.publish("made", {}) error("oh") end`, "", ""},
		{"a call that is rejected", `function pre() events.publish("asked", {}) reject("no") end`, "", ""},
		{"no hook that goes on", `function pre() events.publish("asked", {}) end`, "", "open? !asked+close"},
		{"no hook that undoes", `function pre() events.publish("asked", {}) end`, "no space", "open? close"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, d := storeWorld(t, hook("notify", test.script))
			_, _ = engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) {
				if test.fails != "" {
					return share{}, errors.New(test.fails)
				}
				return share{}, nil
			})
			if got := d.written(); got != test.want {
				t.Errorf("the store wrote %q, want %q", got, test.want)
			}
			if calls, _ := d.OpenCalls("nfs1"); len(calls) > 0 {
				t.Errorf("calls are open: %v", calls)
			}
		})
	}
}

func TestNobodyGoesOnBeforeTheDiskKnows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, d := storeWorld(t, hook("a", notify))
		d.slow = true
		var driver bool
		ended := make(chan error, 1)
		go func() {
			_, err := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) {
				driver = true
				return share{}, nil
			})
			ended <- err
		}()
		for _, step := range []struct {
			want   string
			driver bool
		}{{"", false}, {"open?", true}, {"!asked+!made+close", true}, {"!over", true}} {
			synctest.Wait()
			if got := d.written(); got != step.want || driver != step.driver {
				t.Fatalf("the store wrote %q, driver called: %v; want %q, %v", got, driver, step.want, step.driver)
			}
			if answered := len(ended) > 0; answered != (step.want == "!over") {
				t.Fatalf("the store wrote %q, the caller has its answer: %v", step.want, answered)
			}
			d.write()
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestNobodyIsToldOfASuccessThatTheDiskMayLose(t *testing.T) {
	for _, test := range []struct{ name, suppressed, more string }{
		{"the last post", "", ""},
		{"one with suppressed errors", "suppressed", ""},
		{"one before others with suppressed errors", "suppressed", `function post() end`},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			suppress := func(h *config.Hook) { h.SuppressPostErrors = test.suppressed != "" }
			w, d := storeWorld(t, hook("a", `function post(call, result) result.name = "kept" events.publish("made", {}) end`, suppress), hook("b", test.more, suppress))
			d.slow, d.onWait = true, func(string) { cancel() }
			got, err := engine.Call(ctx, w.Engine, "make", args{}, func(context.Context, args) (share, error) { return share{}, nil })
			var gaveUp *engine.WaitError
			if !errors.As(err, &gaveUp) || gaveUp.Phase != engine.PhasePost || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want that post was not waited for", err)
			}
			if got.Name != "kept" {
				t.Errorf("got the result %+v, want what post made of it", got)
			}
			if test.more == "" && strings.Contains(w.log.String(), "skipped") {
				t.Errorf("nothing was skipped, but the log says\n%s", w.log)
			}
		})
	}
}

// Who reads the error looks for what was slow.
func TestACallThatGaveUpWaitingSaysForWhom(t *testing.T) {
	const store = "nfs1 make: gave up waiting for the store after "
	for _, test := range []struct{ name, script, more, waits, want string }{
		{"a pre with effects", `function pre.make() state.set("a", 1) end`, "", "a=1+open", store + "pre"},
		{"all pre functions", `function pre.make() state.set("a", 1) end`, `function pre.make() end`, "open", store + "pre"},
		{"a post with effects", `function post.make() state.set("a", 1) end`, "", "a=1", store + "post"},
		{"the end of the call", `function pre.make() state.set("a", 1) end`, "", "close", store + "post"},
		{"a tick", `function periodic() state.set("a", 1) end`, "", "a=1", "nfs1 periodic: gave up waiting for the store after periodic"},
		{"the VM", `function pre.make() end`, "", "", "nfs1 make: gave up waiting for the hooks of other calls to run pre"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				w, d := storeWorld(t, hook("a", test.script), hook("b", test.more), hook("c", `function pre.hold(call) local _ = call.context.gate end`))
				d.slow, d.onWait = true, func(what string) {
					if what == test.waits {
						cancel()
					}
				}
				if g := newGate(); test.waits == "" {
					go func() { _, _ = engine.Call(g.held(), w.Engine, "hold", args{}, echo) }()
					<-g.entered
					defer close(g.open)
				}
				ended := make(chan error, 1)
				go func() {
					if strings.HasPrefix(test.script, "function periodic") {
						_, err := w.Tick(ctx, func(context.Context) (any, error) { return []share{}, nil })
						ended <- err
						return
					}
					ended <- w.made(ctx, "make")
				}()
				for synctest.Wait(); len(ended) == 0; synctest.Wait() {
					if test.waits == "" {
						cancel()
					}
					d.write()
				}
				if err := <-ended; failureOf(err) != test.want+": context canceled" {
					t.Errorf("got %v, want %s", err, test.want)
				}
			})
		})
	}
}

// The caller has gone before the disk says that it is full.
func TestWhatTheDiskHasLostIsNeitherUndoneNorForgotten(t *testing.T) {
	for _, test := range []struct{ name, script, first, want string }{
		{"pre", `function pre() events.publish("acts", {}, {when = "always"}) end function failed() log.info("undone") end`,
			"!acts+open", ""},
		{"post", `function pre() events.publish("asked", {}) end function post() events.publish("made", {}) end`,
			"!asked+!made+close", "!asked+close"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, d := storeWorld(t, hook("a", test.script))
				ctx, cancel := context.WithCancel(t.Context())
				d.onWait = func(what string) {
					if what == test.first {
						cancel()
					}
				}
				d.slow = test.name == "pre"
				driver := func(context.Context, args) (share, error) { d.slow = true; return share{}, nil }
				ended := make(chan error, 1)
				go func() { _, err := engine.Call(ctx, w.Engine, "make", args{}, driver); ended <- err }()
				synctest.Wait()
				d.written()
				d.lose()
				var lost *engine.HookError
				if err := <-ended; !errors.As(err, &lost) || lost.Kind != engine.KindStore {
					t.Errorf("got %v, want an error of kind store", err)
				}
				if got := d.written(); got != test.want || strings.Contains(w.log.String(), "undone") {
					t.Errorf("the store wrote %q, want %q; the log says\n%s", got, test.want, w.log)
				}
			})
		})
	}
}

// The caller has gone, and then the disk has kept what was handed to it.
func TestACallWhoseCallerHasGoneEndsWithoutTheVM(t *testing.T) {
	for _, test := range []struct {
		name, script string
		phase        engine.Phase
		waits, want  string
	}{
		{"pre", `function pre.make() state.set("a", 1) end function failed.make() log.info("undone") end`,
			engine.PhasePre, "a=1+open", "a=1+open close"},
		{"post", `function pre.make() state.set("a", 1) end function post.make() state.set("b", 2) end`,
			engine.PhasePost, "b=2+close", "b=2+close"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, d := storeWorld(t, hook("a", test.script), hook("b", `function pre.other() end`))
				ctx, cancel := context.WithCancel(t.Context())
				d.onWait = func(what string) {
					if what == test.waits {
						cancel()
					}
				}
				called := false
				d.slow = test.phase == engine.PhasePre
				ended := make(chan error, 1)
				go func() {
					_, err := engine.Call(ctx, w.Engine, "make", args{}, func(context.Context, args) (share, error) {
						called, d.slow = true, true
						d.written()
						return share{}, nil
					})
					ended <- err
				}()
				synctest.Wait()
				if len(ended) > 0 {
					t.Fatal("the call has ended before it is known what the disk keeps")
				}
				must(0, w.made(t.Context(), "other")) // the VM is free meanwhile
				d.slow = false
				d.write()
				var gaveUp *engine.WaitError
				if err := <-ended; !errors.As(err, &gaveUp) || gaveUp.Phase != test.phase || !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want that %s was not waited for", err, test.phase)
				}
				if called != (test.phase == engine.PhasePost) {
					t.Errorf("driver called: %v", called)
				}
				if got := d.written(); got != test.want {
					t.Errorf("the store wrote %q, want %q", got, test.want)
				}
				must(0, w.made(t.Context(), "other"))
			})
		})
	}
}

// readDisk refuses commits of runs that saw what is lost.
type readDisk struct{ disk }

func (d *readDisk) Commit(c *effect.Commit) (effect.Ticket, error) {
	if c.State != nil && !c.State.Stands() {
		return nil, errFull
	}
	return d.disk.Commit(c)
}

// What a run has read is durable before what the run did with it, or that has failed.
func TestARunThatOnlyReadWhatIsLostHasFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &readDisk{}
		w := newWorld(t, engine.Options{Store: d, Objects: (&clerk{}).object()}, hook("a", `
function pre.reads(call) local n = state.get("n", 0) clerk:Wait(1000) events.publish("read", {n}) end`))
		ended := w.begin(t.Context(), "reads")
		d.Scope("nfs1", "a").Forget()
		var he *engine.HookError
		if err := <-ended; !errors.As(err, &he) || he.Kind != engine.KindStore {
			t.Errorf("got %v, want an error of kind store", err)
		}
	})
}

func TestStateCountsAtOnce(t *testing.T) {
	w, d := storeWorld(t, hook("quota", `
function pre(call)
  if state.incr("used", call.args.share.size) > 10 then reject("too much") end
end
function failed(call) state.incr("used", -call.args.share.size) end`))
	for _, step := range []struct {
		size  int
		fails error
		want  string
	}{
		{6, nil, "used=6+open close"},
		{6, nil, ""},
		{4, errors.New("no space"), "used=10+open used=6+open close"},
		{4, nil, "used=10+open close"},
	} {
		_, _ = engine.Call(t.Context(), w.Engine, "make", args{share{Size: int64(step.size)}}, func(context.Context, args) (share, error) {
			return share{}, step.fails
		})
		if got := d.written(); got != step.want {
			t.Errorf("of %d GiB, the store wrote %q, want %q", step.size, got, step.want)
		}
	}
}

func TestWhatARunSetsOrPublishesCountsUntilItEndsAndOnce(t *testing.T) {
	little := func(h *config.Hook) { h.MaxMemory = 4 << 20 }
	w, _ := storeWorld(t,
		hook("sets", `
local value = ("x"):rep(30000)
function pre.set()
  local n = 0
  while n < 100 and pcall(state.set, "k" .. n, value) do n = n + 1 end
  assert(n > 10 and n < 50, n .. " keys")
end
function pre.again() for n = 1, 100 do state.set("k", value) end end
function pre.grow() for n = 1, 60 do state.set("k", value:sub(1, n * 500)) end end`, little),
		hook("publishes", `
local data = {("x"):rep(100000)}
function pre.publish()
  local n = 0
  while n < 100 and pcall(events.publish, "t", data) do n = n + 1 end
  assert(n > 3 and n < 10, n .. " events")
end
function pre.refused()
  for n = 1, 5000 do pcall(events.publish, "t", {}) end
  local spare = ("x"):rep(100000)
end`, func(h *config.Hook) { h.MaxMemory = 1 << 20 }))
	for _, method := range []string{"set", "again", "grow", "publish", "refused", "set"} {
		if _, err := engine.Call(t.Context(), w.Engine, method, args{}, echo); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
}

func TestTwoRunsNeverLoseAnUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, engine.Options{Store: &disk{}, Objects: (&clerk{}).object()}, hook("a", `
function pre.add()
  local seen = state.get("n", 0)
  clerk:Wait(5)
  state.set("n", seen + 1)
end
function post.read(call, result) result.size = state.get("n") end`, concurrent(64)))
		w.many(t, 40, 5, "add")
		if got, err := engine.Call(t.Context(), w.Engine, "read", args{}, echo); err != nil || got.Size != 200 {
			t.Errorf("of 200 updates %d are left, error %v", got.Size, err)
		}
	})
}

func TestARunWhoseCommitFailsHasFailed(t *testing.T) {
	for _, test := range []struct {
		name, script string
		suppress     bool
		want         string // error of the call
		driver       bool
		size         int // of the result
	}{
		{"pre", `function pre() state.set("a", 1) end`, false, "nfs1 make: hook a (pre): a.lua:1: no space left", false, 0},
		{"pre, suppressed", `function pre() state.set("a", 1) return 5 end
			function post(call, result) result.size = call.pre_error and 7 or 8 end`, true, "", true, 7},
		{"post", `function post(call, result) result.size = 9 state.set("a", 1) end`, false,
			"nfs1 make: hook a (post): a.lua:1: no space left", true, 3},
		{"post, suppressed", `function post(call, result) result.size = 9 state.set("a", 1) end`, true, "", true, 3},
		{"finally", `function finally(call, result) state.set("a", 1) end`, false, "", true, 3},
		{"no effect", `function pre() log.info("x") end`, false, "", true, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, late := range []bool{false, true} {
				w, d := storeWorld(t, hook("a", test.script, suppressed(test.suppress)))
				full := &effect.Error{Code: "no_space", Message: "no space left"}
				if d.broken = full; !late {
					d.refuse = full
				}
				driver := false
				got, err := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) {
					driver = true
					return share{Size: 3}, nil
				})
				if text := failureOf(err); text != test.want || driver != test.driver || int(got.Size) != test.size {
					t.Errorf("late %v: got %q, driver called: %v, size %d; want %q, %v, %d", late, text, driver, got.Size,
						test.want, test.driver, test.size)
				}
				var he *engine.HookError
				if test.want != "" && (!errors.As(err, &he) || he.Kind != engine.KindStore || he.Code != "no_space") {
					t.Errorf("late %v: want an error of kind store with the code no_space, got %#v", late, err)
				}
			}
		})
	}
}

func TestWhatAFailedCommitChangedIsSeenByNoHookAndNoCall(t *testing.T) {
	changes := func(h *config.Hook) { h.ChangeArgs, h.SuppressPreErrors, h.SuppressPostErrors = true, true, true }
	for name, bad := range map[string]struct{ pre, post string }{
		"a store that refuses":               {`events.publish("refuse", {}, {when = "always"})`, `events.publish("refuse", {})`},
		"a disk that is full":                {`events.publish("lose", {}, {when = "always"})`, `events.publish("lose", {})`},
		"a call that cannot be written down": {`v.name = "\255" state.set("a", 1)`, `error("oh")`},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := storeWorld(t,
				hook("opens", `function pre() state.set("opens", 1) end`),
				hook("bad", `
function pre(call) local v = call.args.share v.size = v.size + 100 `+bad.pre+` end
function post(call, v) v.size = v.size + 100 `+bad.post+` end`, changes),
				hook("good", `
function pre(call) local v = call.args.share assert(v.size < 100) v.size = v.size + 1 end
function post(call, v) assert(v.size < 100) v.size = v.size + 1 end`, func(h *config.Hook) { h.ChangeArgs = true }))
			for size := range int64(3) {
				got, err := engine.Call(t.Context(), w.Engine, "make", args{share{Size: size}}, echo)
				if err != nil || got.Size != size+2 {
					t.Errorf("got %d, %v; want %d", got.Size, err, size+2)
				}
			}
		})
	}
}

func suppressed(on bool) func(*config.Hook) {
	return func(h *config.Hook) { h.SuppressPreErrors, h.SuppressPostErrors = on, on }
}

// A driver's message may be anything, and hooks tell of it.
func TestHooksCanTellOfWhateverADriverSays(t *testing.T) {
	w, d := storeWorld(t, hook("a", `
function pre() state.set("a", 1) end
function failed(call, err) events.publish("failed", {err.message, err.code}) end
function finally(call, outcome) events.publish("over", {outcome.error.message, outcome.error.code}) end`))
	why := &codedError{"no file M\xfcller " + strings.Repeat("x", 2<<20), "\xff"}
	_, err := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) { return share{}, why })
	if err != error(why) {
		t.Error("the caller got another error than the driver's")
	}
	if got, want := d.written(), "a=1+open !failed+open close !over"; got != want {
		t.Errorf("the store wrote %q, want %q", got, want)
	}
	begin := "no file M\ufffdller "
	want := `["` + begin + strings.Repeat("x", 4096-len(begin)-len("...")) + `...","` + "\ufffd" + `"]`
	for _, e := range d.Events() {
		if got := string(e.Data); got != want {
			t.Errorf("event %s says %q, want %q", e.Type, got, want)
		}
	}
}

// A hook quotes what clients have sent.
func TestHooksCanTellOfWhateverAHookSays(t *testing.T) {
	for _, fails := range []string{`reject("bad \255", "\255")`, `error({message = "bad \255", code = "\255"})`, `error("bad \255", 0)`} {
		w, d := storeWorld(t, hook("a", `
function finally(call, outcome) events.publish("over", {outcome.error.message, outcome.error.code or "\239\191\189"}) end`),
			hook("b", `function pre() `+fails+` end`))
		if _, err := engine.Call(t.Context(), w.Engine, "make", args{}, echo); err == nil {
			t.Errorf("%s: the call completed", fails)
		}
		events := d.Events()
		if len(events) != 1 || string(events[0].Data) != `["bad `+"\ufffd"+`","`+"\ufffd"+`"]` {
			t.Errorf("%s: got events %v", fails, events)
		}
	}
}

// setRoom bounds how many events a store takes.
func setRoom(s effect.Store, n int) { _ = s.Configure(config.Store{MaxOutbox: n}, nil, nil) }

func failureOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestAFullOutboxRefusesCallsBeforeTheirDriver(t *testing.T) {
	for name, source := range map[string]string{
		"pre":     `function pre() events.publish("x", {}) end`,
		"post":    `function post() events.publish("x", {}) end`,
		"finally": `function finally() events.publish("x", {}) end`,
		"hidden":  `function post() _G["eve" .. "nts"].publish("x", {}) end`,
	} {
		t.Run(name, func(t *testing.T) {
			d := &disk{}
			w := newWorld(t, engine.Options{Store: d}, hook("a", source))
			setRoom(d, 2)
			calls := 0
			for range 5 {
				_, err := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) {
					calls++
					return share{}, nil
				})
				if calls <= 2 && len(d.Events()) < 2 && err != nil {
					t.Errorf("a call fails although there is room: %v", err)
				}
				if err != nil && engine.ErrorCode(err) != "outbox_full" {
					t.Errorf("want the code outbox_full, got %v", err)
				}
			}
			if got := len(d.Events()); got != 2 || calls != 2 {
				t.Errorf("the driver was called %d times, and %d events were sent; want 2 of each", calls, got)
			}
		})
	}
}

func TestACallWhoseDriverRanLosesNoEvent(t *testing.T) {
	d := &disk{}
	w := newWorld(t, engine.Options{Store: d}, hook("a", `function post() for i = 1, 10 do events.publish("x", {}) end end`))
	setRoom(d, 3)
	if err := w.made(t.Context(), "make"); err != nil {
		t.Fatal(err)
	}
	if got := len(d.Events()); got != 10 {
		t.Errorf("got %d events, want 10", got)
	}
	err := w.made(t.Context(), "make")
	if engine.ErrorCode(err) != "outbox_full" {
		t.Errorf("want the next call to be refused, got %v", err)
	}
	var he *engine.HookError
	if !errors.As(err, &he) || he.Phase != engine.PhasePre {
		t.Errorf("want the phase pre, as the driver was not called, got %v", err)
	}
}

// A call that is undone, or told of, needs the room that was kept for that, whatever its pre functions published.
func TestACallThatBeganHasRoomForItsEndAlsoWhereItsDriverIsNotCalled(t *testing.T) {
	const (
		keeps   = `function pre() state.incr("reserved") end `
		tries   = `function pre() state.incr("reserved") events.publish("tried", {}, {when = "always"}) end `
		undoes  = `function failed() state.incr("reserved", -1) events.publish("undone", {}) end `
		at      = `function failed() state.incr("reserved", -1) for _ = 1, 3 do events.publish("undone", {}) end end `
		over    = `function finally() events.publish("over", {}) end `
		much    = `function finally() for _ = 1, 3 do events.publish("over", {}) end end `
		rejects = `function pre() reject("no") end`
	)
	for _, test := range []struct {
		name, script string
		room         int
		refused      bool
		want         string
	}{
		{"an event for whatever comes, and no room but that for failed", tries + undoes, 1, true, ""},
		{"an event for whatever comes, and room for both", tries + undoes, 2, false, "tried undone"},
		{"an event for whatever comes, and no room but that for finally", tries + over, 1, true, "over"},
		{"more events of failed than room was kept for", keeps + at, 1, false, "undone undone undone"},
		{"more events of finally than room was kept for", keeps + much, 1, false, "over over over"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, d := storeWorld(t, hook("a", test.script), hook("guard", rejects))
			setRoom(d, test.room)
			err := w.made(t.Context(), "make")
			if refused := engine.ErrorCode(err) == "outbox_full"; refused != test.refused {
				t.Errorf("got %v, want that the outbox is full: %v", err, test.refused)
			}
			var got []string
			for _, e := range d.Events() {
				got = append(got, e.Type)
			}
			if got := strings.Join(got, " "); got != test.want {
				t.Errorf("got the events %q, want %q; the log says\n%s", got, test.want, w.log)
			}
			if n := stored(beginOn(t, d.Scope("nfs1", "a")), "reserved"); strings.Contains(test.script, "failed") && n == "1" {
				t.Error("what was reserved is not given back")
			}
			if calls, _ := d.OpenCalls("nfs1"); len(calls) > 0 {
				t.Errorf("calls are open: %+v", calls)
			}
		})
	}
}

func TestAnEventThatIsRefusedTakesNoRoom(t *testing.T) {
	w, d := storeWorld(t, hook("a", `function post()
		assert(not pcall(events.publish, "large", ("x"):rep(1024 * 1024)))
		events.publish("small", ("x"):rep(1024 * 1024 - 2))
	end`))
	if _, err := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) { return share{}, nil }); err != nil {
		t.Fatal(err)
	}
	if got := d.written(); got != "!small" {
		t.Errorf("the store wrote %q, want the event that fits", got)
	}
}

// client makes no requests.
type client func() (*effect.Response, error)

func (c client) Do(context.Context, effect.Request) (*effect.Response, error) { return c() }

func TestAClientThatBreaksItsContractEndsTheRunAndNothingElse(t *testing.T) {
	for name, do := range map[string]client{
		"nothing":                  func() (*effect.Response, error) { return nil, nil },
		"an error that is nil":     func() (*effect.Response, error) { var err *effect.HTTPError; return nil, err },
		"the end of its goroutine": func() (*effect.Response, error) { runtime.Goexit(); return nil, nil },
		"a panic":                  func() (*effect.Response, error) { panic("a bug") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, engine.Options{HTTP: do}, hook("a", `
				runs = 0
				function pre(call) runs = runs + 1 if runs < 3 then pcall(http.get, "http://cmdb.example.org") end end
				function post(call, result) result.size = runs end`))
			for range 2 {
				_, err := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) { return share{}, nil })
				var failed *engine.HookError
				if !errors.As(err, &failed) || failed.Kind != engine.KindInternal {
					t.Errorf("got %v, want an error of kind internal", err)
				}
			}
			got, err := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) { return share{}, nil })
			if err != nil || got.Size != 3 {
				t.Errorf("the script has counted %d runs, %v; want its globals to be there", got.Size, err)
			}
		})
	}
}

func TestEventsSayWhereTheyComeFrom(t *testing.T) {
	w, d := storeWorld(t, hook("notify", `
function post(call) events.publish("share.made", {list = {1, 2}, share = call.args.share}) end
function periodic() events.publish("tick", {}, {id = "fixed", subject = "all"}) end`))
	ctx := engine.WithTime(engine.WithCallContext(t.Context(), map[string]any{"traceparent": "00-1-2-03"}), time.Unix(1700000000, 0))
	if _, err := engine.Call(ctx, w.Engine, "make", args{share{ID: "s-1"}}, echo); err != nil {
		t.Fatal(err)
	}
	if _, err := w.TickAt(ctx, 1, func(context.Context) (any, error) { return []share{}, nil }); err != nil {
		t.Fatal(err)
	}
	got := d.Events()
	if len(got) != 2 || len(got[0].ID) != 36 {
		t.Fatalf("got %v", got)
	}
	got[0].ID, got[0].Data = "", nil
	want := []effect.Event{
		{Source: "hookrun/nfs1/notify", Type: "share.made", Subject: "s-1", Time: time.Unix(1700000000, 0).UTC(), Call: "nfs1-1",
			Generation: 1, TraceParent: "00-1-2-03"},
		{ID: "fixed", Source: "hookrun/nfs1/notify", Type: "tick", Subject: "all", Time: time.Unix(1700000000, 0).UTC(), Generation: 1,
			Data: []byte("{}")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// The top level of a module runs once, in whichever run comes first, and keeps the VM, which those need who have the
// state.
func TestAModuleHasNoEffectsWhileItIsLoaded(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	module := "local m = {n = %s}\nfunction m.next() return state.incr(\"n\") end\nreturn m"
	for name, test := range map[string]struct{ n, want string }{
		"at its top level": {`state.get("n", 0)`, "nfs1 make: hook a (pre): lib/m.lua:1: this works in functions of hooks only, not while a script or module is loaded"},
		"in its functions": {`0`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(dir, "lib", "m.lua"), fmt.Appendf(nil, module, test.n), 0o644); err != nil {
				t.Fatal(err)
			}
			e, err := engine.New(configOf(t, dir, hook("a", `function pre() return require("m").next() end`)), "nfs1", engine.Options{Store: &disk{}})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if _, err := engine.Call(t.Context(), e, "make", args{}, echo); failureOf(err) != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// The program's ids are any texts; a subject is shown in logs and sent in headers.
func TestASubjectThatIsTakenFromTheArgumentsIsALine(t *testing.T) {
	w, d := storeWorld(t, hook("a", `function post() events.publish("made", {}) end`))
	for _, id := range []string{"a\nb", strings.Repeat("x", 1000), "caf\xe9"} {
		if _, err := engine.Call(t.Context(), w.Engine, "make", args{share{ID: id}}, echo); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range d.Events() {
		if strings.ContainsAny(e.Subject, "\n") || len(e.Subject) > 256 || !utf8.ValidString(e.Subject) || e.Subject == "" {
			t.Errorf("got subject %q", e.Subject)
		}
	}
}

func TestAScriptThatNeedsAStoreSaysSo(t *testing.T) {
	for name, test := range map[string]struct{ source, load, call string }{
		"it shows": {`function pre() return state.get("a") end`,
			"a.lua:1: state: this needs a store, and the config says nothing of one: [store] path", ""},
		"it does not": {`function pre() return _G["sta" .. "te"].get("a") end`, "",
			"nfs1 make: hook a (pre): a.lua:1: this needs a store, and the config says nothing of one: [store] path"},
		"a state of its own":   {`state = {} function pre() state.n = 1 end`, "", ""},
		"a local state":        {`local state = {get = 1} function pre() return state.get end`, "", ""},
		"a field of the table": {`function pre() return state.n end`, "", ""},
		"while it is loaded":   {`local e = events e.publish("a", {})`, "a.lua:1: this works in functions of hooks only, not while a script or module is loaded", ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := configOf(t, t.TempDir(), hook("a", test.source))
			e, err := engine.New(cfg, "nfs1", engine.Options{})
			if test.load != "" {
				if err == nil || !strings.HasSuffix(err.Error(), test.load) {
					t.Errorf("got %v, want %s", err, test.load)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if _, err := engine.Call(t.Context(), e, "make", args{}, echo); failureOf(err) != test.call {
				t.Errorf("got %v, want %q", err, test.call)
			}
		})
	}
}
