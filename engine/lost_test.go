package engine_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

// fuse is a host object that makes a context panic when it is next asked whether it has ended.
type fuse struct{ lit atomic.Bool }

// Light lights it.
func (f *fuse) Light() { f.lit.Store(true) }

type fragileContext struct {
	context.Context
	fuse *fuse
}

// Err panics once when the fuse is lit.
func (c fragileContext) Err() error {
	if c.fuse.lit.CompareAndSwap(true, false) {
		panic("the disk is on fire")
	}
	return c.Context.Err()
}

// counter counts its runs in a global and appends the count to the result's name.
const counter = `n = 0
function post.create_snapshot(call, result) n = n + 1 result.name = result.name .. n end`

func TestAPanicBelowAHookFailsItAndTheVMGoesOnAnew(t *testing.T) {
	f := &fuse{}
	ctx := fragileContext{context.Background(), f}
	w := newWorld(t, engine.Options{Objects: map[string]engine.Object{"fuse": {Value: f, Methods: []string{"Light"}}}},
		hook("before", counter),
		hook("breaks", `function post.create_snapshot(call, result) result.name = "lost" if result.size == 13 then fuse:Light() end end`,
			func(h *config.Hook) { h.SuppressPostErrors = true }),
		hook("after", counter))
	names := func(size int64) string {
		t.Helper()
		return must(engine.Call(ctx, w.Engine, "create_snapshot", args{share{Name: "s", Size: size}}, echo)).Name
	}
	for _, want := range []string{"lost1", "lost2"} {
		if got := names(1); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := names(13); got != "s31" { // the last hook has already begun anew
		t.Errorf("the call with the panic: got %s, want s31", got)
	}
	if got := names(1); got != "lost2" {
		t.Errorf("the call after it: got %s, want lost2", got)
	}
	for _, want := range []string{"kind=internal", `error="panic: the disk is on fire"`, "the VM is made anew after a panic", "hook=breaks"} {
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("no %q in the log:\n%s", want, w.log)
		}
	}
}

// TestACoroutineThatOutlivesItsVMKeepsItsOwnStrings has one wait in call.pre while a panic in another call costs all
// hooks their globals.
func TestACoroutineThatOutlivesItsVMKeepsItsOwnStrings(t *testing.T) {
	f := &fuse{}
	w := newWorld(t, engine.Options{Objects: map[string]engine.Object{"fuse": {Value: f, Methods: []string{"Light"}}}},
		hook("waits", `
			function string:mine() return "mine" end
			function pre.create_snapshot()
				local look = coroutine.wrap(function()
					coroutine.yield()
					local library = getmetatable("").__index
					return ("x"):mine() .. tostring(("x").token) .. tostring(library.token)
				end)
				look()
				return { look = look }
			end
			function post.create_snapshot(call, result) result.name = call.pre.look() end`),
		hook("breaks", `string.token = "another's" function pre.delete_snapshot() fuse:Light() end`))
	got, err := engine.Call(t.Context(), w.Engine, "create_snapshot", args{}, func(ctx context.Context, a args) (share, error) {
		_, err := engine.Call(fragileContext{ctx, f}, w.Engine, "delete_snapshot", args{}, echo)
		wantHookError(t, err, engine.KindInternal, "the disk is on fire")
		return echo(ctx, a)
	})
	if want := "minenilnil"; err != nil || got.Name != want {
		t.Errorf("got %q and %v, want %q", got.Name, err, want)
	}
}

// broken is a host object that panics.
type broken struct{}

// Use panics.
func (broken) Use() { panic("host bug") }

// Leave ends its goroutine, as a check of a test does that fails inside a host object.
func (broken) Leave() bool {
	runtime.Goexit()
	return true
}

func TestAHostMethodThatDoesNotReturnCannotBeCaughtAndCostsNobodyAnything(t *testing.T) {
	for method, want := range map[string]string{"Use": "panic: host.Use: host bug", "Leave": "panic: host.Leave: it ended its goroutine"} {
		objects := map[string]engine.Object{"host": {Value: broken{}, Methods: []string{method}}}
		w := newWorld(t, engine.Options{Objects: objects}, hook("before", counter),
			hook("uses", `n = 0 function post.create_snapshot() n = n + 1 if n == 2 then pcall(host.`+method+`) end return { name = "n" .. n } end`))
		must(w.call(share{}))
		_, err := w.call(share{})
		wantHookError(t, err, engine.KindInternal, want)
		if got := must(w.call(share{})).Name; got != "n3" || strings.Contains(w.log.String(), "anew") {
			t.Errorf("got %s, want n3, as the host method ran apart from the VM; log:\n%s", got, w.log)
		}
	}
}

func TestAHookThatKeepsTooMuchFailsAndBeginsAnew(t *testing.T) {
	w := newWorld(t, engine.Options{},
		hook("hoards", `kept, n = {}, 0 function post.create_snapshot(call, result)
			n = n + 1 kept[n] = ("x"):rep(100000) .. n result.metadata = { n = n } end`,
			func(h *config.Hook) { h.MaxMemory = 4 << 20 }),
		hook("counts", counter))
	if i := w.Hooks()[0]; i.MaxKept != 2<<20 || i.Kept > 64<<10 {
		t.Fatalf("got %d of %d bytes kept, want few of 2 MiB", i.Kept, i.MaxKept)
	}
	var calls, most int64
	for {
		s, err := w.call(share{})
		calls++
		most = max(most, w.Hooks()[0].Kept)
		if err == nil {
			continue
		}
		wantHookError(t, err, engine.KindMemory, "keeps more than 2 MiB in its globals between runs")
		if s.Metadata != nil {
			t.Errorf("the hook that failed left %v", s.Metadata)
		}
		break
	}
	if calls < 15 || calls > 30 || most < 1<<20 {
		t.Errorf("it failed in call %d and was seen to keep %d bytes at most, want some 20 calls of 100 kB", calls, most)
	}
	s := must(w.call(share{Name: "s"}))
	if s.Metadata["n"] != int64(1) || s.Name != fmt.Sprint("s", calls) {
		t.Errorf("got %v and %s, want a fresh start, and %d runs of the other hook", s.Metadata, s.Name, calls)
	}
	if !strings.Contains(w.log.String(), "a hook's globals are lost") {
		t.Errorf("nothing in the log:\n%s", w.log)
	}
}

func TestWhatPreKeepsForPostIsBounded(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("hoards", `function pre.create_snapshot()
		local t = {} for i = 1, 50000 do t[i] = { i } end return t end`,
		func(h *config.Hook) { h.MaxMemory = 8 << 20 }))
	_, err := w.call(share{})
	wantHookError(t, err, engine.KindMemory, "returns more than the 4 MiB that it may keep")
}

// bursting is a store that breaks once when it is to keep room.
type bursting struct {
	effect.Memory
	burst func()
}

func (b *bursting) Reserve(n int) error {
	if do := b.burst; do != nil {
		b.burst = nil
		do()
	}
	return b.Memory.Reserve(n)
}

func TestAStoreThatBreaksBeforeACallCostsNoOther(t *testing.T) {
	for name, source := range map[string]string{
		"with finally":    `function pre() end function finally() events.publish("over", {}) end`,
		"without finally": `function pre() end function post() events.publish("made", {}) end`,
	} {
		for how, burst := range map[string]func(){"a panic": func() { panic("a bug") }, "the end of its goroutine": runtime.Goexit} {
			t.Run(name+", "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := &bursting{burst: burst}
					w := newWorld(t, engine.Options{Store: b}, hook("a", source))
					ended := make(chan any, 1)
					go func() {
						defer func() { ended <- recover() }()
						_ = w.made(t.Context(), "make")
					}()
					if got := <-ended; (got == nil) != (how != "a panic") {
						t.Errorf("the caller got the panic %v", got)
					}
					must(0, w.made(t.Context(), "make"))
					must(0, w.Shutdown(t.Context()))
				})
			})
		}
	}
}

// crumbling is a store that panics whatever it is told.
type crumbling struct {
	effect.Memory
	fails bool
}

func (f *crumbling) Commit(c *effect.Commit) (effect.Ticket, error) {
	if f.fails {
		panic("a bug")
	}
	return f.Memory.Commit(c)
}

func (f *crumbling) Release(n int) {
	if f.fails {
		panic("a bug")
	}
	f.Memory.Release(n)
}

func TestAStoreThatBreaksAgainAndAgainCostsNoOtherCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &crumbling{}
		w := newWorld(t, engine.Options{Store: f}, hook("a", `function pre() events.publish("asked", {}) end`))
		for _, f.fails = range []bool{true, false} {
			ended := make(chan any, 1)
			go func() {
				defer func() { ended <- recover() }()
				_ = w.made(t.Context(), "make")
			}()
			if got := <-ended; (got != nil) != f.fails {
				t.Errorf("fails: %v: the caller got the panic %v", f.fails, got)
			}
		}
		must(0, w.Shutdown(t.Context()))
	})
}

// moody is a text whose method ends the goroutine while the mood is on.
type moody struct {
	text string
	mood *atomic.Bool
}

func (m moody) MarshalText() ([]byte, error) {
	if m.mood.Load() {
		runtime.Goexit()
	}
	return []byte(m.text), nil
}

// TestACallThatCannotBeTakenBackCostsNoOther has a phase end with lists that cannot be compared with what was there.
func TestACallThatCannotBeTakenBackCostsNoOther(t *testing.T) {
	type lists struct{ One, Two, Three []moody }
	var mood atomic.Bool
	const reads = `(call) local l = call.args.lists local _ = #l.One + #l.Two + #l.Three end `
	for _, phases := range [][]string{{"pre", "post"}, {"pre", "post", "finally"}, {"pre", "post", "failed", "finally"}} {
		source := ""
		for _, phase := range phases {
			source += "function " + phase + ".m" + reads
		}
		w := newWorld(t, engine.Options{}, hook("reads", source))
		m := []moody{{"x", &mood}}
		call := func(driver func()) {
			_, _ = engine.Call(context.Background(), w.Engine, "m", map[string]lists{"lists": {m, m, m}}, func(context.Context, map[string]lists) (int, error) {
				driver()
				return 0, nil
			})
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			call(func() { mood.Store(true) })
		}()
		<-ended
		mood.Store(false)
		call(func() {})
		if err := w.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	}
}

// TestADriverThatChangesAListItWasGivenCostsNobodyAnything breaks the rule that what hooks saw stays as it is.
func TestADriverThatChangesAListItWasGivenCostsNobodyAnything(t *testing.T) {
	for name, change := range map[string]func([]location) []location{
		"longer":  func(l []location) []location { return append(l, location{Path: "/new"}) },
		"shorter": func(l []location) []location { return l[:1] },
		"empty":   func([]location) []location { return nil },
	} {
		w := newWorld(t, engine.Options{}, hook("reads", `
			function pre.m(call) local _ = #call.args.export_locations end
			function post.m(call) local l = call.args.export_locations l[#l + 1] = { path = "/mine" } end
			function finally.m(call) local _ = #call.args.export_locations end`))
		for range 2 {
			given := &share{Locations: []location{{Path: "/a"}, {Path: "/b"}}}
			got, err := engine.Call(context.Background(), w.Engine, "m", given, func(_ context.Context, s *share) (int, error) {
				s.Locations = change(s.Locations)
				return len(s.Locations), nil
			})
			if want := len(given.Locations); err != nil || got != want {
				t.Errorf("%s: got %d locations, error %v, want %d", name, got, err, want)
			}
		}
	}
}
