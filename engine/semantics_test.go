package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// The tests of this file are named after the engine's promises, in their order.

const writesOrder = `
pre = function() order.Add("<" .. options.name) end
post = function() order.Add(options.name .. ">") end
failed = function() order.Add("!" .. options.name) end
`

func named(name string) func(*config.Hook) {
	return func(h *config.Hook) { h.Name, h.Options = name, map[string]any{"name": name} }
}

func TestOrder01HooksRunInListedOrderAndFailedInReverse(t *testing.T) {
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()},
		hook("a", writesOrder, named("a")), hook("b", writesOrder, named("b")), hook("c", writesOrder, named("c")))
	if _, err := w.call(share{}); err != nil {
		t.Fatal(err)
	}
	o.Add(" ")
	if _, err := engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, failing); !errors.Is(err, errDriver) {
		t.Fatalf("got error %v, want the driver's", err)
	}
	if got, want := o.String(), "<a<b<ca>b>c> <a<b<c!c!b!a"; got != want {
		t.Errorf("got order %q, want %q", got, want)
	}
}

func TestCall02DriverRunsBetweenPreAndPostWithoutTheVM(t *testing.T) {
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", writesOrder, named("a")))
	_, err := engine.Call(context.Background(), w.Engine, "outer", args{}, func(ctx context.Context, a args) (share, error) {
		o.Add("|")
		// Another call gets its turn while this one is in its driver: it would wait for ever if the VM were held.
		_, err := engine.Call(ctx, w.Engine, "inner", a, echo)
		o.Add("|")
		return share{}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := o.String(), "<a|<aa>|a>"; got != want {
		t.Errorf("got order %q, want %q", got, want)
	}
}

func TestPreData03GoesToTheSameHooksPostAndFailed(t *testing.T) {
	hands := `
function pre.create_snapshot(call)
  if options.fail then error("no data") end
  return { from = options.name }
end
local function show(call) order.Add((call.pre and call.pre.from or "nil:" .. tostring(call.pre_error)) .. " ") end
post = show
failed = show`
	fails := func(h *config.Hook) {
		h.Name, h.Options, h.SuppressPreErrors = "b", map[string]any{"name": "b", "fail": true}, true
	}
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", hands, named("a")), hook("b", hands, fails), hook("c", hands, named("c")))
	if _, err := w.call(share{}); err != nil {
		t.Fatal(err)
	}
	if got, want := o.String(), "a nil:no data c "; got != want {
		t.Errorf("post saw %q, want %q", got, want)
	}
	o.Reset()
	_, _ = engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, failing)
	if got, want := o.String(), "c a "; got != want {
		t.Errorf("failed saw %q, want %q", got, want)
	}
}

func TestOwnView04HooksDoNotSeeUncommittedChangesOfOthers(t *testing.T) {
	w := newWorld(t, engine.Options{},
		hook("keeps", `
function pre.create_snapshot(call) kept = call.args.share return { share = kept } end
function post.create_snapshot(call)
  assert(kept.name == "old" and call.pre.share.name == "old", "saw " .. kept.name)
  assert(kept.metadata.owner == "me" and #kept.export_locations == 1)
end`),
		hook("spoils", `
local function spoil(call)
  local s = call.args.share
  s.name, s.metadata.owner, s.export_locations[1].path = "new", "you", "gone"
  table.insert(s.export_locations, { path = "more" })
  assert(s.name == "new" and #s.export_locations == 2)
end
pre.create_snapshot = spoil
function post.create_snapshot(call) assert(call.args.share.name == "old") spoil(call) end`),
		hook("checks", `
local function check(call) assert(call.args.share.name == "old" and #call.args.share.export_locations == 1) end
pre.create_snapshot, post.create_snapshot = check, check`))
	in := share{Name: "old", Locations: []location{{Path: "p"}}, Metadata: map[string]any{"owner": "me"}}
	out, err := w.call(in)
	if err != nil {
		t.Fatal(err)
	}
	if out.Name != "old" || out.Metadata["owner"] != "me" || in.Locations[0].Path != "p" {
		t.Errorf("changes reached the driver or caller: %+v", out)
	}
}

func TestCommit05PostCommitsOrHasNoEffect(t *testing.T) {
	const adds = `
function post.create_snapshot(call, result)
  result.size, result.name = result.size + 1, result.name .. options.name
  result.metadata[options.name] = true
  if options.fail then error("too late") end
  if options.replace then return { name = result.name .. "!", size = 7 } end
end`
	set := func(name string, more map[string]any) func(*config.Hook) {
		return func(h *config.Hook) {
			h.Name, h.SuppressPostErrors = name, true
			h.Options = map[string]any{"name": name}
			for k, v := range more {
				h.Options[k] = v
			}
		}
	}
	for _, tt := range []struct {
		name  string
		hooks []script
		want  share
	}{
		{"in place", []script{hook("a", adds, set("a", nil)), hook("b", adds, set("b", nil))},
			share{Name: "ab", Size: 2, Metadata: map[string]any{"a": true, "b": true}}},
		{"failing", []script{hook("a", adds, set("a", nil)), hook("b", adds, set("b", map[string]any{"fail": true})), hook("c", adds, set("c", nil))},
			share{Name: "ac", Size: 2, Metadata: map[string]any{"a": true, "c": true}}},
		{"replacing", []script{hook("a", adds, set("a", map[string]any{"replace": true}))},
			share{Name: "a!", Size: 7}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, engine.Options{}, tt.hooks...)
			in := share{Metadata: map[string]any{}}
			got, err := w.call(in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(share{})); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if len(in.Metadata) != 0 {
				t.Errorf("the driver's own map was changed: %v", in.Metadata)
			}
		})
	}
}

func TestFailingPostLeavesNoTraceAndUnsuppressedKeepsTheDriversResult(t *testing.T) {
	const fails = `
function post.create_snapshot(call, result)
  result.size, result.name = 99, "changed"
  result.export_locations[1].path = "changed"
  error("after three changes")
end`
	in := share{Name: "n", Size: 1, Locations: []location{{Path: "p"}}}
	for _, suppress := range []bool{true, false} {
		w := newWorld(t, engine.Options{}, hook("fails", fails, func(h *config.Hook) { h.SuppressPostErrors = suppress }))
		got, err := w.call(in)
		if diff := cmp.Diff(in, got, cmp.AllowUnexported(share{})); diff != "" {
			t.Errorf("suppress %v: result (-want +got):\n%s", suppress, diff)
		}
		if suppress && err != nil {
			t.Errorf("suppressed, got error %v", err)
		}
		if !suppress {
			he := wantHookError(t, err, engine.KindScript, "after three changes")
			if he.Line != 5 || he.Script != "fails.lua" || he.Phase != engine.PhasePost || he.Hook != "fails" || he.Traceback == "" {
				t.Errorf("got %+v", he)
			}
		}
	}
}

func TestLossless06UntouchedValuesKeepTheirGoValueAndType(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", `
function post.m(call, result)
  for k, v in pairs(result.free) do local _ = v end
  result.changed = 2
end`))
	type inner struct{ hidden int }
	type result struct {
		Changed int            `json:"changed"`
		Big     int64          `json:"big"`
		When    time.Time      `json:"when"`
		Pointer *inner         `json:"pointer"`
		Nil     []int          `json:"nil"`
		Empty   []int          `json:"empty"`
		Free    map[string]any `json:"free"`
		hidden  string
	}
	p := &inner{hidden: 5}
	in := result{1, 1<<53 + 1, time.Now(), p, nil, []int{}, map[string]any{
		"big": int64(1<<53 + 1), "list": []any{}, "map": map[string]any{}, "null": nil, "u": uint8(3)}, "h"}
	got, err := engine.Call(context.Background(), w.Engine, "m", struct{}{}, func(context.Context, struct{}) (result, error) { return in, nil })
	if err != nil {
		t.Fatal(err)
	}
	want := in
	want.Changed = 2
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(result{}, inner{})); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if got.Pointer != p || got.Nil != nil || got.Empty == nil {
		t.Errorf("pointer, nil or empty list changed: %+v", got)
	}
}

func TestChangesAreCheckedAgainstTheGoTypeWithTheirPath(t *testing.T) {
	for _, tt := range []struct {
		name, change, message string
		line                  int
	}{
		{"scalar", `result.size = "big"`, "result.size: want integer, got string", 3},
		{"nested", `result.export_locations[1].path = 5`, "result.export_locations[1].path: want string, got number", 3},
		{"unknown field", `result.szie = 5`, `result.szie: no such field (did you mean "size"?)`, 3},
		{"replacement", `return { size = 1.5 }`, "result.size: want integer, got 1.5", 2},
		{"hole", `result.export_locations[3] = { path = "x" }`, "result.export_locations: a hole: item 2 of 3 is nil", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, engine.Options{}, hook("a", "\nfunction post.create_snapshot(call, result)\n"+tt.change+"\nend"))
			_, err := w.call(share{Locations: []location{{Path: "p"}}})
			if he := wantHookError(t, err, engine.KindType, tt.message); he.Line != tt.line {
				t.Errorf("got line %d, want %d", he.Line, tt.line)
			}
		})
	}
}

func TestArgs07ChangesReachTheDriverOnlyWithChangeArgs(t *testing.T) {
	const renames = `function pre.create_snapshot(call) call.args.share.name = call.args.share.name .. options.name end`
	changing := func(name string) func(*config.Hook) {
		return func(h *config.Hook) { named(name)(h); h.ChangeArgs = true }
	}
	w := newWorld(t, engine.Options{}, hook("a", renames, changing("a")), hook("b", renames, named("b")), hook("c", renames, changing("c")))
	in := share{Name: "x", secret: "kept"}
	got, err := w.call(in)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "xac" || got.secret != "kept" || in.Name != "x" {
		t.Errorf("the driver got %+v, want name xac", got)
	}
}

func TestReject08CannotBeCaughtOrSuppressed(t *testing.T) {
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()},
		hook("first", writesOrder, named("a")),
		hook("guard", `
function pre.create_snapshot(call)
  pcall(function() reject("too large", "quota") end)
  order.Add("went on")
end
failed = function() order.Add("own failed") end`, func(h *config.Hook) { h.SuppressPreErrors = true }),
		hook("last", writesOrder, named("c")))
	_, err := engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, func(context.Context, args) (share, error) {
		t.Error("the driver was called")
		return share{}, nil
	})
	var re *engine.RejectedError
	if !errors.As(err, &re) {
		t.Fatalf("got %v, want a *RejectedError", err)
	}
	want := engine.RejectedError{Service: "nfs1", Method: "create_snapshot", Hook: "guard", Script: "guard.lua", Line: 3, Message: "too large", Code: "quota"}
	if diff := cmp.Diff(want, *re); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if got, want := o.String(), "<a!a"; got != want {
		t.Errorf("got order %q, want %q", got, want)
	}
	stats := w.Hooks()[1].Stats
	if stats.Rejections != 1 || stats.Failures != 0 {
		t.Errorf("got stats %+v, want one rejection and no failure", stats)
	}
}

func TestErrors09StopTheCallUnlessSuppressed(t *testing.T) {
	const fails = `
local function fail() order.Add(options.name) error("broken") end
pre, post = fail, fail`
	for _, tt := range []struct {
		name               string
		pre, post          bool // suppressed
		order              string
		failed, hasResult  bool
		suppressedFailures int64
	}{
		{"neither", false, false, "a", true, false, 0},
		{"pre", true, false, "ab|a", true, true, 1},
		{"both", true, true, "ab|ab", false, true, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var o order
			set := func(name string) func(*config.Hook) {
				return func(h *config.Hook) { named(name)(h); h.SuppressPreErrors, h.SuppressPostErrors = tt.pre, tt.post }
			}
			w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", fails, set("a")), hook("b", fails, set("b")))
			got, err := engine.Call(context.Background(), w.Engine, "m", args{}, func(context.Context, args) (share, error) {
				o.Add("|")
				return share{ID: "made"}, nil
			})
			if (err != nil) != tt.failed || (got.ID == "made") != tt.hasResult {
				t.Errorf("got result %+v and error %v", got, err)
			}
			if o.String() != tt.order {
				t.Errorf("got order %q, want %q", o.String(), tt.order)
			}
			if s := w.Hooks()[0].Stats; s.Suppressed != tt.suppressedFailures {
				t.Errorf("got %d suppressed failures, want %d", s.Suppressed, tt.suppressedFailures)
			}
			if logged := strings.Contains(w.log.String(), "hook failed"); logged != (tt.suppressedFailures > 0) {
				t.Errorf("logged: %v\n%s", logged, w.log)
			}
		})
	}
}

func TestFailed10RunsForHooksWhosePreRanAndNeverMasksTheCause(t *testing.T) {
	const undo = `
function pre.create_snapshot(call)
  if options.name == options.fails then error("pre failed") end
end
function failed(call, err)
  order.Add(options.name .. ":" .. err.source .. ":" .. err.kind .. ":" .. tostring(err.code) .. ":" .. tostring(err.hook) .. ":" .. err.message .. " ")
  error("failed failed")
end`
	set := func(name string, more func(*config.Hook)) func(*config.Hook) {
		return func(h *config.Hook) { h.Name, h.Options = name, map[string]any{"name": name, "fails": "c"}; more(h) }
	}
	none := func(*config.Hook) {}
	t.Run("pre error", func(t *testing.T) {
		var o order
		w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", undo, set("a", none)), hook("b", undo, set("b", none)), hook("c", undo, set("c", none)), hook("d", undo, set("d", none)))
		_, err := w.call(share{})
		wantHookError(t, err, engine.KindScript, "pre failed")
		if got, want := o.String(), "b:hook:script:nil:c:pre failed a:hook:script:nil:c:pre failed "; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if n := strings.Count(w.log.String(), "failed failed"); n != 2 {
			t.Errorf("logged %d failures of failed, want 2:\n%s", n, w.log)
		}
	})
	t.Run("driver error", func(t *testing.T) {
		var o order
		w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", undo, set("a", none)),
			hook("c", undo, set("c", func(h *config.Hook) { h.SuppressPreErrors = true })),
			hook("p", `function post() order.Add("post") end`))
		_, err := engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, failing)
		if err != error(errDriver) {
			t.Errorf("got error %v, want the driver's own", err)
		}
		if got, want := o.String(), "a:driver:driver:no_space:nil:disk full "; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("after the caller is gone", func(t *testing.T) {
		var o order
		w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", undo, set("a", none)))
		ctx, cancel := context.WithCancel(context.Background())
		_, err := engine.Call(ctx, w.Engine, "create_snapshot", args{}, func(ctx context.Context, _ args) (share, error) {
			cancel()
			return share{}, ctx.Err()
		})
		if !errors.Is(err, context.Canceled) || o.Len() == 0 {
			t.Errorf("got error %v and order %q", err, o.String())
		}
	})
}

func TestPeriodic11RunsOnTheTicksThatPeriodicEveryDivides(t *testing.T) {
	const counts = `function periodic(shares, tick) order.Add(options.name .. tick .. ":" .. #shares .. shares[1].name .. " ") shares[1].name = "mine" end`
	every := func(name string, n int) func(*config.Hook) {
		return func(h *config.Hook) { named(name)(h); h.PeriodicEvery = n }
	}
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", counts, every("a", 1)), hook("b", counts, every("b", 2)), hook("c", counts, every("c", 3)))
	asked := 0
	data := func(context.Context) (any, error) { asked++; return []share{{Name: "s"}}, nil }
	for range 4 {
		if ran, err := w.Tick(context.Background(), data); !ran || err != nil {
			t.Fatal(ran, err)
		}
	}
	if got, want := o.String(), "a1:1s a2:1s b2:1s a3:1s c3:1s a4:1s b4:1s "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if asked != 4 {
		t.Errorf("asked for data %d times, want 4", asked)
	}
}

func TestPeriodicErrorEndsTheTickUnlessSuppressed(t *testing.T) {
	const fails = `function periodic(shares, tick) order.Add(options.name) if options.name == "a" then error("broken") end end`
	data := func(context.Context) (any, error) { return []share{}, nil }
	for _, suppress := range []bool{false, true} {
		var o order
		w := newWorld(t, engine.Options{Objects: o.object()},
			hook("a", fails, func(h *config.Hook) { named("a")(h); h.SuppressPeriodicErrors = suppress }), hook("b", fails, named("b")))
		_, err1 := w.Tick(context.Background(), data)
		_, err2 := w.Tick(context.Background(), data)
		want := map[bool]string{false: "aa", true: "abab"}[suppress]
		if o.String() != want || (err1 == nil) != suppress || (err2 == nil) != suppress {
			t.Errorf("suppress %v: got order %q, errors %v and %v", suppress, o.String(), err1, err2)
		}
	}
}

func TestOverlappingTickIsSkippedAndCounted(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", `function periodic() end`))
	var inner bool
	_, err := w.Tick(context.Background(), func(ctx context.Context) (any, error) {
		ran, err := w.Tick(ctx, nil)
		inner = ran
		return []share{}, err
	})
	if err != nil || inner || w.SkippedTicks() != 1 {
		t.Errorf("got ran %v, error %v, %d skipped; want the inner tick skipped and counted", inner, err, w.SkippedTicks())
	}
}

func TestDisable12HookAndPhaseSwitches(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(*config.Hook)
		want string
	}{
		{"all on", func(*config.Hook) {}, "<a|a>p"},
		{"pre off", func(h *config.Hook) { h.EnablePre = false }, "|a>p"},
		{"post off", func(h *config.Hook) { h.EnablePost = false }, "<a|p"},
		{"periodic off", func(h *config.Hook) { h.EnablePeriodic = false }, "<a|a>"},
		{"hook off", func(h *config.Hook) { h.Enabled = false }, "|"},
		{"other methods", func(h *config.Hook) { h.Methods = []string{"delete_*"} }, "|p"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var o order
			w := newWorld(t, engine.Options{Objects: o.object()},
				hook("a", writesOrder+`function periodic() order.Add("p") end`, func(h *config.Hook) { named("a")(h); tt.set(h) }))
			_, err := engine.Call(context.Background(), w.Engine, "m", args{}, func(context.Context, args) (share, error) {
				o.Add("|")
				return share{}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Tick(context.Background(), func(context.Context) (any, error) { return []share{}, nil }); err != nil {
				t.Fatal(err)
			}
			if o.String() != tt.want {
				t.Errorf("got order %q, want %q", o.String(), tt.want)
			}
		})
	}
}

func TestSetEnabledSwitchesAtRunTimeAndHoldsAcrossReload(t *testing.T) {
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", writesOrder, named("a")), hook("b", writesOrder, named("b")))
	step := func(err error) {
		t.Helper()
		if err == nil {
			_, err = w.call(share{})
		}
		if err != nil {
			t.Fatal(err)
		}
		o.Add(" ")
	}
	step(w.SetEnabled("a", false))
	step(w.Reload(context.Background(), w.cfg))
	step(w.SetEnabled("a", true))
	if got, want := o.String(), "<bb> <bb> <a<ba>b> "; got != want {
		t.Errorf("got order %q, want %q", got, want)
	}
	w = newWorld(t, engine.Options{}, hook("notify", writesOrder))
	err := w.SetEnabled("notfy", true)
	if err == nil || !strings.Contains(err.Error(), `did you mean "notify"?`) {
		t.Errorf("got %v, want a suggestion", err)
	}
}

func TestNothingHooked13CostsNoAllocation(t *testing.T) {
	w := newWorld(t, engine.Options{Methods: []engine.Method{{Name: "hooked"}, {Name: "bare"}}}, hook("a", `function pre.hooked() end`))
	ctx, driver := context.Background(), echo
	a := args{share{Name: "x"}}
	if n := testing.AllocsPerRun(1000, func() {
		if _, err := engine.Call(ctx, w.Engine, "bare", a, driver); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("got %v allocations a call, want 0", n)
	}
}

// caller is a host object that calls back into the engine.
type caller struct{ call func(context.Context) error }

// WithContext passes its context on.
func (c *caller) WithContext(ctx context.Context) error { return c.call(ctx) }

// Bare does not.
func (c *caller) Bare() error { return c.call(context.Background()) }

// OnGoroutine calls from another goroutine, with the context.
func (c *caller) OnGoroutine(ctx context.Context) (err error) {
	var wg sync.WaitGroup
	wg.Go(func() { err = c.call(ctx) })
	wg.Wait()
	return err
}

func TestReentrance14IsAnErrorNeverADeadlock(t *testing.T) {
	for _, method := range []string{"WithContext", "Bare", "OnGoroutine"} {
		t.Run(method, func(t *testing.T) {
			c := &caller{}
			var inner error
			w := newWorld(t, engine.Options{Objects: map[string]engine.Object{"host": {Value: c, Methods: []string{method}}}},
				hook("a", `function pre.create_snapshot(call) host:`+method+`() end`))
			c.call = func(ctx context.Context) error {
				_, inner = engine.Call(ctx, w.Engine, "create_snapshot", args{}, echo)
				return inner
			}
			_, err := w.call(share{})
			wantHookError(t, err, engine.KindScript, engine.ErrReentrant.Error())
			if !errors.Is(inner, engine.ErrReentrant) {
				t.Errorf("the inner call got %v, want ErrReentrant", inner)
			}
		})
	}
}

func TestLimits15EachIsAFailureOfThatHookAndTheVMStaysUsable(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	passed, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	loop := "while true do end"
	for _, tt := range []struct {
		name, body string
		set        func(*config.Hook)
		ctx        context.Context
		kind       engine.Kind
		is         error
	}{
		{"instructions", loop, func(h *config.Hook) { h.MaxInstructions = 10_000 }, context.Background(), engine.KindInstructions, nil},
		{"timeout", loop, func(h *config.Hook) { h.Timeout, h.MaxInstructions = time.Millisecond, 1<<50 }, context.Background(), engine.KindTimeout, context.DeadlineExceeded},
		{"memory", "local t = {} for i = 1, 1e9 do t[i] = { i } end", func(h *config.Hook) {
			h.MaxMemory, h.MaxInstructions, h.Timeout = 4<<20, 1<<50, time.Hour
		}, context.Background(), engine.KindMemory, nil},
		{"caller cancelled", loop, func(h *config.Hook) { h.MaxInstructions = 1 << 50 }, cancelled, engine.KindTimeout, context.Canceled},
		{"caller's deadline", loop, func(h *config.Hook) { h.MaxInstructions = 1 << 50 }, passed, engine.KindTimeout, context.DeadlineExceeded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, engine.Options{}, hook("a", `
function post.create_snapshot(call, result)
  result.name = result.name .. " seen"
  if result.name == "endless seen" then `+tt.body+` end
end`, tt.set))
			_, err := engine.Call(tt.ctx, w.Engine, "create_snapshot", args{share{Name: "endless"}}, echo)
			wantHookError(t, err, tt.kind, "")
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("got %v, want it to unwrap to %v", err, tt.is)
			}
			got, err := w.call(share{Name: "next"})
			if err != nil || got.Name != "next seen" {
				t.Errorf("the next call got %q, %v", got.Name, err)
			}
		})
	}
}

func TestEndlessLoopsAreStoppedByTimeoutAndByInstructions(t *testing.T) {
	loops := map[string]string{
		"plain":     `while true do end`,
		"pcall":     `while true do pcall(function() while true do end end) end`,
		"coroutine": `coroutine.wrap(function() while true do end end)()`,
		"metamethod": `local t = setmetatable({}, { __index = function() while true do end end })
local x = t.y`,
	}
	limits := map[engine.Kind]func(*config.Hook){
		engine.KindTimeout:      func(h *config.Hook) { h.Timeout, h.MaxInstructions = time.Millisecond, 1<<50 },
		engine.KindInstructions: func(h *config.Hook) { h.Timeout, h.MaxInstructions = time.Hour, 20_000 },
	}
	for name, loop := range loops {
		for kind, limit := range limits {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				w := newWorld(t, engine.Options{}, hook("a", `
function pre.create_snapshot(call) if call.args.share.name == "loop" then `+loop+` end end`, limit))
				_, err := w.call(share{Name: "loop"})
				wantHookError(t, err, kind, "")
				if _, err := w.call(share{Name: "plain"}); err != nil {
					t.Errorf("the next call failed: %v", err)
				}
			})
			t.Run(name+" at the top level "+string(kind), func(t *testing.T) {
				cfg := configOf(t, t.TempDir(), hook("a", loop, limit))
				_, err := engine.New(cfg, "nfs1", engine.Options{Logger: discard})
				var ce *config.Error
				if !errors.As(err, &ce) || len(ce.Problems) != 1 || ce.Problems[0].Line != 1 {
					t.Errorf("got %v, want one problem at line 1", err)
				}
			})
		}
	}
}

func TestIsolation16GlobalsAndLibraryTablesAreEachHooksOwn(t *testing.T) {
	w := newWorld(t, engine.Options{},
		hook("a", `
leak = "a"
string.upper = function() return "tampered" end
table.insert, _G.print, null = nil, nil, nil
function post.create_snapshot(call, result) result.name = ("x"):upper() .. string.upper("x") .. leak end`),
		hook("b", `
function post.create_snapshot(call, result)
  assert(leak == nil and print and null)
  table.insert(result.export_locations, { path = ("y"):upper() })
end`))
	got, err := w.call(share{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "tamperedtampereda" || !slices.Equal(got.Locations, []location{{Path: "Y"}}) {
		t.Errorf("got %+v", got)
	}
}

// TestWholeValuesThatAreIntegersKeepTheirDigits: args and results need not be tables.
func TestWholeValuesThatAreIntegersKeepTheirDigits(t *testing.T) {
	const n = 1<<53 + 1
	type record struct {
		ID   int64  `json:"id"`
		Text string `json:"text"`
	}
	w := newWorld(t, engine.Options{Logger: discard}, hook("moves", `
		function pre.keep(call) return call.args end
		function post.keep(call) return call.pre end
		function post.swap(call) return call.args end
		function post.put(call, result) result.id, result.text = call.args, ("%d %s"):format(call.args, call.args) .. call.args end
		function post.take(call, result) return { id = result, text = json.encode({ result }) } end`))
	if got := must(engine.Call(t.Context(), w.Engine, "keep", int64(n), func(context.Context, int64) (int64, error) { return 7, nil })); got != n {
		t.Errorf("by way of call.pre: got %d, want %d", got, int64(n))
	}
	big, err := engine.Call(t.Context(), w.Engine, "swap", any(uint64(math.MaxUint64)), func(context.Context, any) (any, error) { return nil, nil })
	if err != nil || big != uint64(math.MaxUint64) {
		t.Errorf("args as the result: got %v (%T), error %v", big, big, err)
	}
	put := must(engine.Call(t.Context(), w.Engine, "put", int64(n), func(context.Context, int64) (record, error) { return record{}, nil }))
	if want := (record{n, "9007199254740993 90071992547409939007199254740993"}); put != want {
		t.Errorf("args in a field: got %+v, want %+v", put, want)
	}
	took := must(engine.Call(t.Context(), w.Engine, "take", record{}, func(context.Context, record) (any, error) { return int64(n), nil }))
	if want := fmt.Sprint(map[string]any{"id": int64(n), "text": "[9007199254740993]"}); fmt.Sprint(took) != want {
		t.Errorf("the result in a field: got %v, want %s", took, want)
	}
}

func TestTheCodeOfAnErrorTableReachesEverybody(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("undoes", `
			function failed(call, err) log.info("failed " .. err.code) end
			function finally(call, outcome) log.info("finally " .. outcome.error.code) end`),
		hook("raises", `function pre() error({ message = "too many", code = "quota" }) end`))
	_, err := w.call(share{})
	he := wantHookError(t, err, engine.KindScript, "too many")
	if he.Code != "quota" || engine.ErrorCode(err) != "quota" {
		t.Errorf("got the codes %q and %q, want quota", he.Code, engine.ErrorCode(err))
	}
	for _, want := range []string{"failed quota", "finally quota"} {
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("no %q in the log:\n%s", want, w.log)
		}
	}
}
