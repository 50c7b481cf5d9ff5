package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// What a call was called with is on disk whatever the hooks do that come after the last one with effects.
func TestAnInterruptedCallHasItsArgumentsWhateverHookIsLast(t *testing.T) {
	const first = `function pre(call) state.incr("used"); return {took = call.args.share.size} end
function failed(call) state.set("undone", call.args.share.id .. call.pre.took) end`
	for _, test := range []struct{ name, last string }{
		{"one without pre", `function post() end`},
		{"one whose pre has no effect", `function pre() end`},
		{"one whose pre has effects", `function pre() state.incr("n") end`},
	} {
		t.Run(test.name, func(t *testing.T) {
			hooks := []script{hook("first", first), hook("last", test.last)}
			d := interrupted(t, hooks...)
			restarted(t, d, engine.Options{}, hooks...)
			tx := beginOn(t, d.Scope("nfs1", "first"))
			defer tx.End()
			if got := stored(tx, "undone"); got != `"s-15"` {
				t.Errorf("failed saw %s", got)
			}
		})
	}
}

// What a hook changed without effect is not what the driver got.
func TestAnInterruptedCallIsWrittenDownAsTheDriverGotIt(t *testing.T) {
	const source = `
function pre(call)
  state.set("seen", "")
  call.args.share.id = "changed"
  return {call.args.share}
end
function failed(call) state.set("seen", call.args.share.id .. " " .. call.pre[1].id) end`
	for _, change := range []bool{false, true} {
		h := hook("a", source, func(h *config.Hook) { h.ChangeArgs = change })
		seen := func(d *disk) string {
			tx := beginOn(t, d.Scope("nfs1", "a"))
			defer tx.End()
			return stored(tx, "seen")
		}
		w, alive := storeWorld(t, h)
		_, _ = engine.Call(t.Context(), w.Engine, "make", args{share{ID: "s-1"}}, func(context.Context, args) (share, error) {
			return share{}, errors.New("no space")
		})
		crashed := interrupted(t, h)
		restarted(t, crashed, engine.Options{}, h)
		if got, want := seen(crashed), seen(alive); got != want {
			t.Errorf("change_args %v: failed saw %s after a crash, and %s without one", change, got, want)
		}
	}
}

// A call that could not be undone is tried again with what is known of it, whatever other hooks have done meanwhile.
func TestACallThatCouldNotBeUndoneKeepsItsError(t *testing.T) {
	const fails = `
function pre() state.incr("used") end
function failed(call, err)
  if call.args.share.size == 5 and not state.get("mended") then error("not yet") end
  state.set("seen", err.source .. " " .. err.message)
end
function finally(call) if call.args.share.size == 1 then state.set("mended", true) end end`
	for _, test := range []struct{ name, other string }{
		{"no other hook", `function post() end`},
		{"one that undoes without effects", `function pre() end function failed() end`},
		{"one that undoes with effects", `function pre() end function failed() state.incr("n") end`},
		{"one that does not undo either", `function pre() end function failed() error("nor I") end`},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, d := storeWorld(t, hook("a", fails), hook("b", test.other))
			_, _ = engine.Call(t.Context(), w.Engine, "make", args{share{Size: 5}}, func(context.Context, args) (share, error) {
				return share{}, errors.New("no space")
			})
			_, _ = engine.Call(t.Context(), w.Engine, "make", args{share{Size: 1}}, echo)
			if err := w.Reload(t.Context(), w.cfg); err != nil {
				t.Fatal(err)
			}
			tx := beginOn(t, d.Scope("nfs1", "a"))
			defer tx.End()
			if got := stored(tx, "seen"); got != `"driver no space"` {
				t.Errorf("failed saw %s", got)
			}
		})
	}
}

// A hook that only counts or looks must not fail, or wait for the disk, because another hook of the call acts.
func TestAHookThatDoesNotActIsNotWrittenDownWithACall(t *testing.T) {
	const acts = `function pre() state.set("a", 1) end function failed() state.set("a", 2) end`
	for _, test := range []struct{ name, does, want, undone string }{
		{"it counts", `metrics.count("n")`, "a=1+open open close", "a=1+open a=2+open close"},
		{"it looks at its state", `state.get("k")`, "a=1+open - open - close", "a=1+open - - a=2+open close"},
	} {
		source := strings.ReplaceAll(`
function pre(call) DOES if call.method == "make" then return {undo = function() end} end end
function post() DOES end
function failed() DOES end`, "DOES", test.does)
		t.Run(test.name, func(t *testing.T) {
			w, d := storeWorld(t, hook("acts", acts), hook("other", source))
			if err := w.made(t.Context(), "make"); err != nil {
				t.Error(err)
			}
			if got := d.written(); got != test.want {
				t.Errorf("the store wrote %q, want %q", got, test.want)
			}
			w, d = storeWorld(t, hook("acts", acts), hook("other", source), hook("guard", `function pre() reject("no") end`))
			_ = w.made(t.Context(), "make")
			if got := d.written(); got != test.undone {
				t.Errorf("of a call that is undone, the store wrote %q, want %q", got, test.undone)
			}
		})
	}
	t.Run("it counts while the disk is full", func(t *testing.T) {
		w, d := storeWorld(t, hook("acts", acts), hook("other", `function post() metrics.count("n") end`))
		_, err := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) {
			d.refuse = errFull
			return share{}, nil
		})
		if got, want := d.written(), "a=1+open open close"; err != nil || got != want {
			t.Errorf("got %v, and the store wrote %q; want %q", err, got, want)
		}
	})
}

// What pre returned is the script's own table, which runs of other calls may change as soon as they have the VM.
func TestWhatPreReturnedIsWrittenDownWhileNobodyChangesIt(t *testing.T) {
	w, _ := storeWorld(t, hook("counts", `
seen, n = {}, 0
function pre()
  state.set("last", n)
  for _ = 1, 50 do n = n + 1; seen["k" .. n % 97] = n; seen["k" .. n * 7 % 97] = nil end
  return seen
end`), hook("last", `function post() end`))
	w.many(t, 8, 50, "make")
}

// A list that holds one text a thousand times is small in memory and large on disk.
func TestWhatPreReturnedCountsAsItIsWrittenDown(t *testing.T) {
	long.Only(t)
	const many = `
local text, list = ("x"):rep(100000), {}
for i = 1, 1000 do list[i] = text end
return list`
	for _, test := range []struct {
		name    string
		scripts []script
		want    string
	}{
		{"in a run with effects", []script{hook("a", `function pre() state.incr("n") `+many+` end`)}, "memory"},
		{"in a run before one", []script{hook("a", `function pre() `+many+` end`), hook("b", `function pre() state.incr("n") end`)}, "memory"},
		{"in a run after one", []script{hook("a", `function pre() state.incr("n") end`), hook("b", `function pre() `+many+` end`)}, "memory"},
		{"in arguments that it changed", []script{hook("a", `function pre(call)
state.incr("n")
call.args.share.name = ("\1"):rep(15000000)
end`, func(h *config.Hook) { h.ChangeArgs = true })}, "memory"},
		{"without effects", []script{hook("a", `function pre() `+many+` end`)}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, _ := storeWorld(t, test.scripts...)
			called := false
			_, err := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) {
				called = true
				return share{}, nil
			})
			got := ""
			if he := (*engine.HookError)(nil); errors.As(err, &he) {
				got = string(he.Kind)
			}
			if got != test.want || called != (err == nil) {
				t.Errorf("got kind %q, driver called %v, error %v; want %q", got, called, err, test.want)
			}
		})
	}
}

// The driver has done its work, so what its result is like costs the caller no result, and nobody an event.
func TestAResultThatCannotBeWrittenDownEndsNoCall(t *testing.T) {
	const opens = `function pre() events.publish("asked", {}) end `
	for _, test := range []struct{ name, script, returned, want string }{
		{"text", opens + `function post() events.publish("made", {}) end`, "cafe", "open? open? !asked+!made+open !seen+close"},
		{"bytes of the driver that are no text", opens + `function post() events.publish("made", {}) end`, "caf\xe9",
			"open? open? !asked+!made+close !seen"},
		{"bytes of a script that are no text", opens + `
function post(call, result) result.name = "caf\233" events.publish("made", {}) end`, "", "open? open? !asked+!made+close !seen"},
		{"a text of the driver that is large", opens + `function post() events.publish("made", {}) end`, strings.Repeat("x", 12<<20),
			"open? open? !asked+!made+open !seen+close"},
		{"a large text of the driver in a result that a script changed", opens + `
function post(call, result) result.size = 5 events.publish("made", {}) end`, strings.Repeat("x", 12<<20), "open? open? !asked+!made+close !seen"},
		{"a text of a script, a thousand times", opens + `
function post(call, result)
  local text, list = ("x"):rep(100000), {}
  for i = 1, 1000 do list[i] = text end
  result.metadata = {list = list}
  events.publish("made", {})
end`, "", "open? open? !asked+!made+close !seen"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, d := storeWorld(t, hook("a", test.script, roomy),
				hook("b", `function post(call, result) result.id = "seen" events.publish("seen", {}) end`))
			got, err := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) {
				return share{Name: test.returned}, nil
			})
			if err != nil || got.ID != "seen" {
				t.Errorf("got the result %.100s and %v, want that of the last hook", got.ID, err)
			}
			if got := d.written(); got != test.want {
				t.Errorf("the store wrote %q, want %q", got, test.want)
			}
			if calls, _ := d.OpenCalls("nfs1"); len(calls) > 0 {
				t.Errorf("calls are open: %.1000v", calls)
			}
		})
	}
}

// Whoever has the state needs the VM to end, so nobody may keep it who waits for the state.
func TestARunThatWaitsForStateNeverKeepsTheVM(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clerk{}
		shared := func(h *config.Hook) { h.State, h.Concurrent, h.Timeout = "q", config.MaxConcurrent, time.Hour }
		w := newWorld(t, engine.Options{Objects: c.object(), Store: &disk{}},
			script{"holds", `function pre.ask() state.incr("n"); clerk:Wait(5); state.incr("n") end`, shared},
			script{"wants", `function pre.other() state.incr("n") end`, shared},
			script{"waits", `function pre.wait() clerk:Wait(5) end`, shared})
		began := time.Now()
		ended := []<-chan error{w.begin(t.Context(), "ask")}
		for range config.MaxConcurrent {
			ended = append(ended, w.begin(t.Context(), "wait"), w.begin(t.Context(), "other"))
		}
		for _, e := range ended {
			if err := <-e; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took > 20*time.Millisecond {
			t.Errorf("they took %v", took)
		}
	})
}

// unreadable is a store whose state cannot be read.
type unreadable struct{ effect.Memory }

func (*unreadable) Scope(service, name string) *effect.Scope {
	return effect.NewScope(service, name, func() ([]effect.Entry, error) { return nil, errors.New("input/output error") })
}

// A guard that cannot look at its state has not let a call pass.
func TestNoScriptGoesOnWithoutItsState(t *testing.T) {
	w := newWorld(t, engine.Options{Store: &unreadable{}}, hook("a", `function pre() pcall(state.get, "k") end`))
	var he *engine.HookError
	if err := w.made(t.Context(), "make"); !errors.As(err, &he) || he.Kind != engine.KindStore {
		t.Errorf("got %v", err)
	}
}

// A call that fails is undone, whatever its hooks hold: there is nobody to fail for what they cannot have written down.
func TestACallThatFailsIsWrittenDownWithoutWhatIsTooLarge(t *testing.T) {
	const acts = `function pre() state.set("a", 1) end function failed() error("not yet") end`
	const refuses = `function pre() reject("no") end`
	const holds = `
function pre(call)
  local text, list = ("x"):rep(1e5), {}
  for i = 1, 1000 do list[i] = text end
  CHANGES
  return RETURNS
end`
	for _, test := range []struct{ name, changes, returns, want string }{
		{"a value", "", "call.args.share.size", "args acts holds with what it returned"},
		{"a list that holds one text many times", "", "list", "args acts holds"},
		{"less than its own memory, and more than that of the last", "", "{" + strings.Repeat("text, ", 15) + "}", "args acts holds with what it returned"},
		{"such a list in the arguments", "call.args.share.metadata = {list = list}", "1", "args acts holds with what it returned"},
	} {
		t.Run(test.name, func(t *testing.T) {
			less := func(h *config.Hook) { h.MaxMemory, h.ChangeArgs = 4<<20, true }
			least := func(h *config.Hook) { h.MaxMemory = 1 << 20 }
			source := strings.NewReplacer("CHANGES", test.changes, "RETURNS", test.returns).Replace(holds)
			w, d := storeWorld(t, hook("acts", acts, less), hook("holds", source, less), hook("refuses", refuses, least))
			if err := w.made(t.Context(), "make"); !errors.As(err, new(*engine.RejectedError)) {
				t.Errorf("the call ended with %v, want it rejected", err)
			}
			calls, err := d.OpenCalls("nfs1")
			if err != nil || len(calls) != 1 {
				t.Fatalf("got the open calls %v and %v, want one", calls, err)
			}
			got := ""
			if len(calls[0].Args) > 0 && len(calls[0].Args) < 1000 {
				got = "args"
			}
			for _, h := range calls[0].Hooks {
				got += " " + h.Name
				if h.Pre != nil {
					got += " with what it returned"
				}
			}
			if got != test.want {
				t.Errorf("the store has %s, want %s", got, test.want)
			}
		})
	}
}
