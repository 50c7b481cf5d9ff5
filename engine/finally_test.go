package engine_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// tellsOutcome writes what finally sees of a call.
const tellsOutcome = `
function finally(call, outcome)
  local err = outcome.error
  order.Add(table.concat({ "[" .. call.phase, outcome.status, tostring(outcome.driver_called),
    tostring(outcome.result and outcome.result.name),
    err and err.source .. "/" .. err.kind .. "/" .. tostring(err.code) .. "/" .. tostring(err.hook) or "-" }, " ") .. "]")
  assert(outcome.duration >= 0 and outcome.duration < 3600)
end`

func TestFinally17TellsEveryOutcome(t *testing.T) {
	fails := `function pre() error("no") end`
	for _, tt := range []struct {
		name   string
		script script
		driver func(context.Context, args) (share, error)
		want   string
	}{
		{"completed", hook("h", `function post(call, result) result.name = "new" end`), echo, "[finally completed true new -]"},
		{"rejected", hook("h", `function pre() reject("no", "quota") end`), echo, "[finally rejected false nil hook/rejected/quota/h]"},
		{"failing pre", hook("h", fails), echo, "[finally failed false nil hook/script/nil/h]"},
		{"suppressed pre", hook("h", fails, func(h *config.Hook) { h.SuppressPreErrors = true }), echo, "[finally completed true old -]"},
		{"failing post", hook("h", `function post(call, result) result.name = "gone" error("no") end`), echo, "[finally failed true old hook/script/nil/h]"},
		{"driver's error", hook("h", ""), failing, "[finally failed true  driver/driver/no_space/nil]"},
		{"driver's error that looks like a hook's", hook("h", ""), func(context.Context, args) (share, error) {
			return share{Name: "part"}, &engine.RejectedError{Service: "other", Hook: "theirs", Message: "no", Code: "quota"}
		}, "[finally failed true part driver/driver/quota/nil]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var o order
			w := newWorld(t, engine.Options{Objects: o.object()}, hook("tells", tellsOutcome), tt.script)
			_, _ = engine.Call(context.Background(), w.Engine, "create_snapshot", args{share{Name: "old"}}, tt.driver)
			if got := o.String(); got != tt.want {
				t.Errorf("got %q, want %q; log:\n%s", got, tt.want, w.log)
			}
		})
	}
}

func TestFinally17RunsInListedOrderAfterAllElse(t *testing.T) {
	var o order
	writes := writesOrder + `finally = function() order.Add(options.name .. ".") end`
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", writes, named("a")), hook("b", writes, named("b")))
	if _, err := w.call(share{}); err != nil {
		t.Fatal(err)
	}
	o.Add(" ")
	_, _ = engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, failing)
	if got, want := o.String(), "<a<ba>b>a.b. <a<b!b!aa.b."; got != want {
		t.Errorf("got order %q, want %q", got, want)
	}
}

func TestFinally17SeesWhatItsOwnPreHandedOver(t *testing.T) {
	hands := `
function pre() if options.name == "b" then error("no data") end return options.name end
function finally(call) order.Add(tostring(call.pre) .. ":" .. tostring(call.pre_error) .. " ") end`
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", hands, named("a")), hook("b", hands, func(h *config.Hook) {
		named("b")(h)
		h.SuppressPreErrors = true
	}), hook("c", "pre = function() reject('no') end"), hook("d", hands, named("d")))
	_, _ = w.call(share{})
	if got, want := o.String(), "a:nil nil:no data nil:nil "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFinally17ChangesNothing(t *testing.T) {
	for name, tt := range map[string]struct{ body, message string }{
		"result":        {`outcome.result.name = "new"`, "outcome.result.name: read only"},
		"nested result": {`outcome.result.export_locations[1].path = "new"`, "outcome.result.export_locations[1].path: read only"},
		"list":          {`table.insert(outcome.result.export_locations, {})`, "outcome.result.export_locations: read only"},
		"rawset":        {`rawset(outcome.result, "name", "new")`, "outcome.result.name: read only"},
		"replacement":   {`outcome.result = {}`, "outcome.result: read only"},
		"status":        {`outcome.status = "failed"`, "outcome.status: read only"},
		"returned":      {`return { name = "new" }`, ""},
		"args":          {`call.args.share.name = "new"`, ""},
		"error":         {`error("too late")`, "too late"},
		"reject":        {`reject("too late")`, "reject works in pre only, before the driver is called: too late"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, engine.Options{}, hook("a", "function finally(call, outcome) "+tt.body+" end"),
				hook("b", `function finally(call, outcome) assert(outcome.result.name == "old") log.info("b saw it") end`))
			in := share{Name: "old", Locations: []location{{Path: "p"}}}
			out, err := w.call(in)
			if err != nil || out.Name != "old" || len(out.Locations) != 1 || out.Locations[0].Path != "p" {
				t.Errorf("got %+v, %v", out, err)
			}
			stats := w.Hooks()[0].Stats
			if failed := tt.message != ""; failed != (stats.Failures == 1) || stats.Suppressed != stats.Failures {
				t.Errorf("got %+v", stats)
			}
			if log := w.log.String(); !strings.Contains(log, tt.message) || !strings.Contains(log, "b saw it") {
				t.Errorf("log lacks %q, or the next hook did not run:\n%s", tt.message, log)
			}
		})
	}
}

func TestFinally17RunsWithoutTheCaller(t *testing.T) {
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", tellsOutcome))
	ctx, cancel := context.WithCancel(context.Background())
	_, err := engine.Call(ctx, w.Engine, "create_snapshot", args{}, func(ctx context.Context, _ args) (share, error) {
		cancel()
		return share{}, ctx.Err()
	})
	if !errors.Is(err, context.Canceled) || o.String() != "[finally failed true  driver/driver/nil/nil]" {
		t.Errorf("got %q, error %v", o.String(), err)
	}
}

func TestFinally17IsSwitchedApart(t *testing.T) {
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", writesOrder+tellsOutcome, func(h *config.Hook) {
		named("a")(h)
		h.EnableFinally = false
	}))
	if _, err := w.call(share{}); err != nil || o.String() != "<aa>" {
		t.Errorf("got %q, %v", o.String(), err)
	}
}

func TestFinally17IsOneFunctionOrOneAMethod(t *testing.T) {
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", `function finally.create_snapshot() order.Add("a") end`))
	if _, err := w.call(share{}); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Call(context.Background(), w.Engine, "other", args{}, echo); err != nil || o.String() != "a" {
		t.Errorf("got %q, %v", o.String(), err)
	}
	_, err := engine.New(configOf(t, t.TempDir(), hook("a", "function finally.create_snapshto() end")), "nfs1",
		engine.Options{Methods: []engine.Method{{Name: "create_snapshot"}}})
	if err == nil || !strings.Contains(err.Error(), `finally.create_snapshto: the service has no method`) {
		t.Errorf("got %v", err)
	}
}

// driverPanics is in the stack of what it panics with.
func driverPanics(context.Context, args) (share, error) { panic(errDriver) }

func TestAPanickingDriverIsUndoneAndThePanicGoesOn(t *testing.T) {
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", writesOrder+tellsOutcome, named("a")))
	func() {
		defer func() {
			if got := recover(); got != any(errDriver) {
				t.Errorf("got panic %v, want the driver's", got)
			}
			if stack := string(debug.Stack()); !strings.Contains(stack, "driverPanics") {
				t.Errorf("the stack does not show the driver:\n%s", stack)
			}
		}()
		_, _ = engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, driverPanics)
	}()
	if got, want := o.String(), "<a!a[finally failed true nil driver/driver/nil/nil]"; got != want {
		t.Errorf("got order %q, want %q", got, want)
	}
	o.Reset()
	if _, err := w.call(share{Name: "next"}); err != nil || o.String() != "<aa>[finally completed true next -]" {
		t.Errorf("the next call: got %q, %v", o.String(), err)
	}
}

func TestADriverThatEndsItsGoroutineIsUndone(t *testing.T) {
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", writesOrder, named("a")))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, func(context.Context, args) (share, error) {
			runtime.Goexit()
			return share{}, nil
		})
		o.Add("returned")
	}()
	<-done
	if got, want := o.String(), "<a!a"; got != want {
		t.Errorf("got order %q, want %q", got, want)
	}
}

// TestACallWhoseGoroutineEndsInAPhaseIsUndoneAndTold: a text method of a value that a hook reads may do that.
func TestACallWhoseGoroutineEndsInAPhaseIsUndoneAndTold(t *testing.T) {
	for phase, want := range map[string]string{
		"pre":     "<a(b!a[failed false nil]",
		"post":    "<aa>(b[failed true text]",
		"failed":  "<a(b!a[failed true ]",
		"finally": "<aa>(b[completed true text]",
	} {
		t.Run(phase, func(t *testing.T) {
			var o order
			reads := hook("b", "function "+phase+`(call) order.Add("(b") local _ = call.args.x order.Add("not reached") end`)
			tells := hook("a", writesOrder+`
function finally(call, outcome)
  order.Add("[" .. outcome.status .. " " .. tostring(outcome.driver_called) .. " " .. tostring(outcome.result) .. "]")
end`, named("a"))
			hooks := []script{tells, reads}
			if phase == "finally" {
				hooks = []script{reads, tells}
			}
			w := newWorld(t, engine.Options{Objects: o.object()}, hooks...)
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_, _ = engine.Call(context.Background(), w.Engine, "look", map[string]quitter{"x": {true}}, func(context.Context, map[string]quitter) (string, error) {
					if phase == "failed" {
						return "", errDriver
					}
					return "text", nil
				})
				o.Add("returned")
			}()
			if <-ended; o.String() != want {
				t.Errorf("got order %q, want %q; log:\n%s", o.String(), want, w.log)
			}
			if err := w.Shutdown(t.Context()); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
		})
	}
}

func TestAContextThatEndsInTheQueueTellsThePhase(t *testing.T) {
	g := newGate()
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()},
		hook("holds", `function pre.hold(call) local _ = call.context.gate end`, func(h *config.Hook) { h.Timeout *= 60 }),
		hook("a", `function pre.early() end function post.late() end
function finally.early(call, outcome) order.Add(outcome.status .. " " .. outcome.error.kind) end`))
	hold := func() {
		go func() { _, _ = engine.Call(g.held(), w.Engine, "hold", args{}, echo) }()
		<-g.entered
	}
	wantWait := func(err error, method string, phase engine.Phase) {
		t.Helper()
		var we *engine.WaitError
		if !errors.As(err, &we) || we.Service != "nfs1" || we.Method != method || we.Phase != phase || !errors.Is(err, context.Canceled) {
			t.Errorf("got %#v (%v), want a wait of %s for %s", err, err, method, phase)
		}
	}

	hold()
	ctx := &endedContext{Context: context.Background(), asked: make(chan struct{}, 1)}
	called, got := false, make(chan error)
	go func() {
		_, err := engine.Call(ctx, w.Engine, "early", args{}, func(context.Context, args) (share, error) {
			called = true
			return share{}, nil
		})
		got <- err
	}()
	<-ctx.asked // it has given up waiting, and waits for its finally
	g.open <- struct{}{}
	wantWait(<-got, "early", engine.PhasePre)
	if called || o.String() != "failed timeout" {
		t.Errorf("driver called: %v; finally saw %q", called, o.String())
	}

	late, cancel := context.WithCancel(context.Background())
	out, err := engine.Call(late, w.Engine, "late", args{}, func(context.Context, args) (share, error) {
		hold()
		cancel()
		return share{Name: "made"}, nil
	})
	g.open <- struct{}{}
	wantWait(err, "late", engine.PhasePost)
	if out.Name != "made" {
		t.Errorf("got result %+v, want the driver's", out)
	}
}

// endedContext is a context that has ended, and tells when it is asked why.
type endedContext struct {
	context.Context
	asked chan struct{}
}

func (c *endedContext) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

func (c *endedContext) Err() error {
	select {
	case c.asked <- struct{}{}:
	default:
	}
	return context.Canceled
}
