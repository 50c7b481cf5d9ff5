package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

// crash returns a store with what d has kept by now, as another process finds it.
func (d *disk) crash(t *testing.T) *disk {
	t.Helper()
	after := &disk{}
	calls, err := d.OpenCalls("nfs1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls {
		_, _ = after.Memory.Commit(&effect.Commit{Open: &c})
	}
	for _, s := range d.Scopes() {
		from, to := beginOn(t, s), beginOn(t, after.Scope(s.Service, s.Name))
		for e, ok := from.After("", ""); ok; e, ok = from.After("", e.Key) {
			if err := to.Set(e, 1<<20); err != nil {
				t.Fatal(err)
			}
		}
		from.End()
		_, _ = after.Memory.Commit(&effect.Commit{State: to})
		to.End()
	}
	return after
}

func beginOn(t *testing.T, s *effect.Scope) *effect.Tx {
	t.Helper()
	tx, err := s.Begin(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func stored(tx *effect.Tx, key string) string {
	e, _ := tx.Entry(key)
	return string(e.Value)
}

// interrupted makes a call whose process ends when the driver has begun, and returns what its store has kept.
func interrupted(t *testing.T, hooks ...script) *disk {
	t.Helper()
	w, d := storeWorld(t, hooks...)
	var after *disk
	ctx := engine.WithCallContext(t.Context(), map[string]any{"request_id": "r-1"})
	_, _ = engine.Call(ctx, w.Engine, "make", args{share{ID: "s-1", Size: 5}}, func(context.Context, args) (share, error) {
		after = d.crash(t)
		return share{}, nil
	})
	return after
}

// restarted is a world in another process, with the store of one that has crashed.
func restarted(t *testing.T, d *disk, opts engine.Options, hooks ...script) *world {
	t.Helper()
	d.written()
	opts.Store = d
	opts.Methods = []engine.Method{engine.Define[args, share]("make").Method()}
	return newWorld(t, opts, hooks...)
}

const reserve = `
function pre(call)
  state.incr("used", call.args.share.size)
  events.publish("asked", {})
  return {took = call.args.share.size, note = "n"}
end
function post(call, result) events.publish("made", {size = result.size, took = call.pre.took}) end
function failed(call, err)
  state.incr("used", -call.pre.took)
  events.publish("given back", {err.source, tostring(err.code), err.kind, call.id, call.context.request_id, call.args.share.id, call.pre.note})
end
function finally(call, outcome) log.info("over", {status = outcome.status}) end`

// stubborn is a reserve that cannot be undone.
var stubborn = strings.Replace(reserve, `state.incr("used", -call.pre.took)`, `error("oh")`, 1)

func TestAnInterruptedCallIsUndone(t *testing.T) {
	d := interrupted(t, hook("a", reserve))
	w := restarted(t, d, engine.Options{}, hook("a", reserve))
	if got, want := d.written(), "used=0+!given back+open close"; got != want {
		t.Errorf("the store wrote %q, want %q", got, want)
	}
	want := `["engine","interrupted","interrupted","nfs1-1","r-1","s-1","n"]`
	if got := string(d.Events()[0].Data); got != want {
		t.Errorf("failed saw %s, want %s", got, want)
	}
	if calls, _ := d.OpenCalls("nfs1"); len(calls) > 0 {
		t.Errorf("calls are open: %v", calls)
	}
	if !strings.Contains(w.log.String(), "status=failed") {
		t.Errorf("finally did not run:\n%s", w.log)
	}
}

func TestTheProgramSaysWhatBecameOfAnInterruptedCall(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"it succeeded", nil, "!asked+!made+close"},
		{"it failed", errors.New("no space"), "used=0+!given back+open close"},
		{"nobody knows", engine.ErrOutcomeUnknown, "used=0+!given back+open close"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := interrupted(t, hook("a", reserve))
			var asked engine.OpenCall
			restarted(t, d, engine.Options{Outcome: func(_ context.Context, c engine.OpenCall) (any, error) {
				asked = c
				return share{Size: 5}, test.err
			}}, hook("a", reserve))
			if got := d.written(); got != test.want {
				t.Errorf("the store wrote %q, want %q", got, test.want)
			}
			asked.At = time.Time{}
			want := engine.OpenCall{ID: "nfs1-1", Service: "nfs1", Method: "make", Context: map[string]any{"request_id": "r-1"},
				Args: args{share{ID: "s-1", Size: 5}}}
			if diff := cmp.Diff(want, asked, cmp.AllowUnexported(share{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("the program was asked (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnInterruptedCallIsUndoneOnceHoweverOftenThatIsInterrupted(t *testing.T) {
	hooks := []script{hook("a", reserve), hook("b", reserve), hook("c", reserve)}
	d := interrupted(t, hooks...)
	for round, want := range []string{"used=0+!given back+open", "used=0+!given back+open", "used=0+!given back+open close", ""} {
		after := d.crash(t)
		once := &brief{disk: after, left: 1}
		newWorld(t, engine.Options{Store: once}, hooks...)
		if got := after.written(); got != want {
			t.Errorf("round %d: the store wrote %q, want %q", round, got, want)
		}
		d = after
	}
}

// brief is a store whose process ends after some commits: it forgets all others.
type brief struct {
	*disk
	left int
}

func (b *brief) Commit(c *effect.Commit) (effect.Ticket, error) {
	if b.left == 0 && c.Close == "" {
		return nil, errors.New("the process has ended")
	}
	if c.Close == "" {
		b.left--
	} else if calls, _ := b.OpenCalls("nfs1"); notDone(calls) {
		return nil, errors.New("the process has ended")
	}
	return b.disk.Commit(c)
}

func notDone(calls []effect.OpenCall) bool {
	for _, c := range calls {
		for _, h := range c.Hooks {
			if !h.Done {
				return true
			}
		}
	}
	return false
}

func TestACallThatCannotBeClosedIsNeverForgotten(t *testing.T) {
	for _, test := range []struct {
		name  string
		hooks []script
		want  string
	}{
		{"a hook is gone", []script{hook("b", reserve)}, "hook a is gone, or is switched off for make"},
		{"a hook is switched off", []script{hook("a", reserve, func(h *config.Hook) { h.Enabled = false })},
			"hook a is gone, or is switched off for make"},
		{"its failed is switched off", []script{hook("a", reserve, func(h *config.Hook) { h.EnablePre = false })},
			"hook a has enable_pre = false, so its failed function is switched off for make"},
		{"its failed fails", []script{hook("a", `function failed() error("oh") end`)}, "nfs1 make: hook a (failed): a.lua:1: oh"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := interrupted(t, hook("a", reserve))
			w := restarted(t, d, engine.Options{}, test.hooks...)
			calls, _ := d.OpenCalls("nfs1")
			if len(calls) != 1 || calls[0].Problem != test.want {
				t.Fatalf("open calls: %+v, want one with the problem %q", calls, test.want)
			}
			if !strings.Contains(w.log.String(), "stays open") {
				t.Errorf("want the log to say so, got\n%s", w.log)
			}
			d.written()
			if err := w.Reload(t.Context(), configOf(t, t.TempDir(), hook("a", reserve))); err != nil {
				t.Fatal(err)
			}
			if got, want := d.written(), "used=0+!given back+open close"; got != want {
				t.Errorf("with the hook mended, the store wrote %q, want %q", got, want)
			}
		})
	}
}

func TestAFailedThatFailsLeavesItsCallOpen(t *testing.T) {
	w, d := storeWorld(t, hook("a", `function pre() state.set("a", 1) end function failed() error("oh") end`))
	_, err := engine.Call(t.Context(), w.Engine, "make", args{}, func(context.Context, args) (share, error) {
		return share{}, errors.New("no space")
	})
	if err == nil || err.Error() != "no space" {
		t.Errorf("got %v, want the driver's error", err)
	}
	if calls, _ := d.OpenCalls("nfs1"); len(calls) != 1 || !strings.Contains(calls[0].Problem, "oh") {
		t.Errorf("want the call to stay open, got %+v", calls)
	}
}

func TestCallsUnderWayAreNoInterruptedCalls(t *testing.T) {
	w, d := storeWorld(t, hook("a", reserve))
	_, err := engine.Call(t.Context(), w.Engine, "make", args{share{Size: 5}}, func(ctx context.Context, a args) (share, error) {
		return a.Share, w.Reload(ctx, w.cfg)
	})
	if got, want := d.written(), "used=5+open? !asked+!made+close"; got != want || err != nil {
		t.Errorf("the store wrote %q, error %v; want %q", got, err, want)
	}
}

func TestAHooksPostIsNotRunTwiceAfterACrash(t *testing.T) {
	post := `function pre() state.set("a", 1) end function post(_, result) result.size = result.size + 1 events.publish("made", {n = result.size}) end`
	w, d := storeWorld(t, hook("a", post), hook("b", post))
	crashed := d.crashesAt(t, effect.OutcomeCompleted)
	if _, err := engine.Call(t.Context(), w.Engine, "make", args{share{Size: 5}}, echo); err != nil {
		t.Fatal(err)
	}
	after := crashed()
	restarted(t, after, engine.Options{}, hook("a", post), hook("b", post))
	if got, want := after.written(), "!made+close"; got != want {
		t.Errorf("the store wrote %q, want %q", got, want)
	}
	if got, want := string(after.Events()[0].Data), `{"n":7}`; got != want {
		t.Errorf("the second post saw %s, want %s", got, want)
	}
}

// What failed and post functions are told must be what pre told them, to the last digit.
func TestIntegersOfAnInterruptedCallKeepTheirDigits(t *testing.T) {
	const id = 1<<53 + 1
	hooks := []script{
		hook("acts", `
function pre(call) state.set("a", 1) return {call.context.tenant, call.args.share.size} end
function failed(call) state.set("seen", {call.context.tenant, call.args.share.size, call.pre[1], call.pre[2]}) end`),
		hook("returns", `
function pre(call) return {call.context.tenant} end
function failed(call) state.set("seen", {call.pre[1]}) end`),
	}
	w, d := storeWorld(t, hooks...)
	if _, err := engine.Call(engine.WithCallContext(t.Context(), map[string]any{"tenant": "\xff"}), w.Engine, "make", args{}, echo); err == nil {
		t.Error("a context that JSON cannot hold is taken")
	}
	var after *disk
	ctx := engine.WithCallContext(t.Context(), map[string]any{"tenant": int64(id)})
	_, _ = engine.Call(ctx, w.Engine, "make", args{share{Size: id}}, func(context.Context, args) (share, error) {
		after = d.crash(t)
		return share{}, nil
	})
	text, err := json.Marshal(must(after.OpenCalls("nfs1"))[0])
	if err != nil {
		t.Fatal(err)
	}
	var read effect.OpenCall // as it comes out of a file
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	_, _ = after.Memory.Commit(&effect.Commit{Open: &read})
	var asked any
	restarted(t, after, engine.Options{Outcome: func(_ context.Context, c engine.OpenCall) (any, error) {
		asked = c.Context["tenant"]
		return nil, engine.ErrOutcomeUnknown
	}}, hooks...)
	if asked != json.Number(fmt.Sprint(id)) {
		t.Errorf("the program was asked about tenant %v (%T), want %d", asked, asked, id)
	}
	for hook, want := range map[string]string{
		"acts":    "[9007199254740993,9007199254740993,9007199254740993,9007199254740993]",
		"returns": "[9007199254740993]",
	} {
		if got := stored(beginOn(t, after.Scope("nfs1", hook)), "seen"); got != want {
			t.Errorf("hook %s saw %s, want %s", hook, got, want)
		}
	}
}

func TestOnlyHooksThatACallCameToUndoItAfterACrash(t *testing.T) {
	undo := func(name, more string) script {
		return hook(name, more+` function failed() events.publish("`+name+`", {}) end`)
	}
	const acts = `function pre() events.publish("acts", {}, {when = "always"}) end`
	for _, test := range []struct {
		name, pre string // of the last hook that has one
		driver    func(context.Context, args) (share, error)
		want      []string // which hooks undo the call after each commit of the process before
	}{
		{"a hook refused the call", `reject("no")`, echo, []string{"between a", "a", ""}},
		{"the driver failed", ``, failing, []string{"between a", "after last between a", "last between a", "between a", "a", ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			hooks := []script{undo("a", acts), undo("between", ""), undo("last", `function pre() `+test.pre+` end`), undo("after", "")}
			w, d := storeWorld(t, hooks...)
			var left []*disk
			d.onOpen = func(*effect.OpenCall) { left = append(left, d.crash(t)) }
			_, _ = engine.Call(t.Context(), w.Engine, "make", args{}, test.driver)
			var got []string
			for _, after := range left {
				restarted(t, after, engine.Options{}, hooks...)
				var names []string
				for _, e := range after.Events() {
					names = append(names, e.Type)
				}
				got = append(got, strings.Join(names, " "))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnInterruptedCallIsFinishedWithoutAFailedThatItDoesNotNeed(t *testing.T) {
	d := interrupted(t, hook("a", reserve))
	off := hook("a", reserve, func(h *config.Hook) { h.EnablePre = false })
	restarted(t, d, engine.Options{Outcome: func(context.Context, engine.OpenCall) (any, error) { return share{Size: 5}, nil }}, off)
	if got, want := d.written(), "!asked+!made+close"; got != want {
		t.Errorf("the store wrote %q, want %q", got, want)
	}
}
