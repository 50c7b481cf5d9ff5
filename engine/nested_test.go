package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

func TestAnErrorOfTheDriverIsTheDriversEvenWhenItIsOfOtherHooks(t *testing.T) {
	other := newWorld(t, engine.Options{}, hook("theirs", `function pre() reject("theirs is full", "full") end`))
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", `
function pre() end
function failed(call, err) order.Add(table.concat({ err.source, err.kind, err.code, tostring(err.hook), err.message }, " ")) end`))
	_, err := engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, func(ctx context.Context, a args) (share, error) {
		return engine.Call(ctx, other.Engine, "create_snapshot", a, echo)
	})
	var re *engine.RejectedError
	if !errors.As(err, &re) || re.Hook != "theirs" || engine.ErrorCode(err) != "full" {
		t.Errorf("got %v with code %q", err, engine.ErrorCode(err))
	}
	if got, want := o.String(), "driver driver full nil nfs1 create_snapshot: rejected by hook theirs: theirs is full"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// nilError is an error whose methods panic when there is none.
type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }
func (e *nilError) Code() string  { return e.text }

func TestAnErrorWhoseMethodsPanicIsTold(t *testing.T) {
	var o order
	w := newWorld(t, engine.Options{Objects: o.object()}, hook("a", `
function failed(call, err) order.Add(err.source .. " " .. err.message) end
function finally(call, outcome) order.Add(" " .. outcome.status) end`))
	_, _ = engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, func(context.Context, args) (share, error) {
		var err *nilError
		return share{}, err
	})
	if got, want := o.String(), "driver <nil> failed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestATraceIsOfOneCall(t *testing.T) {
	other := newWorld(t, engine.Options{}, hook("theirs", `function pre(call) log.info(call.context.user_id) end`))
	c := &caller{call: func(ctx context.Context) error {
		_, err := engine.Call(ctx, other.Engine, "create_snapshot", args{}, echo)
		return err
	}}
	w := newWorld(t, engine.Options{Objects: map[string]engine.Object{"host": {Value: c, Methods: []string{"WithContext"}}}},
		hook("a", `function pre() host:WithContext() end function post() end`))
	var trace engine.Trace
	ctx := engine.WithTrace(engine.WithCallContext(context.Background(), map[string]any{"user_id": "ada"}), &trace)
	_, err := engine.Call(ctx, w.Engine, "create_snapshot", args{}, func(ctx context.Context, a args) (share, error) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { must(engine.Call(ctx, other.Engine, "create_snapshot", a, echo)) })
		}
		wg.Wait()
		return share{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var steps []string
	for _, s := range trace.Spans {
		steps = append(steps, s.Hook+" "+string(s.Phase))
	}
	if got := strings.Join(steps, ", "); got != "a pre, a post" || strings.Count(other.log.String(), "ada") != 5 {
		t.Errorf("got steps %s; the log of the other service:\n%s", got, other.log)
	}
}

func TestAStepTellsHowLongItsCallWaitedForTheVM(t *testing.T) {
	g := newGate()
	w := newWorld(t, engine.Options{Objects: g.objects()}, hook("a", `
function pre(call) if call.args.share.name == "slow" then gate:Pass() end end`, func(h *config.Hook) { h.Timeout = time.Hour }),
		hook("b", `function pre() end`))
	var wg sync.WaitGroup
	wg.Go(func() { must(w.call(share{Name: "slow"})) })
	<-g.entered
	var trace engine.Trace
	ctx := &endingContext{Context: engine.WithTrace(context.Background(), &trace), done: make(chan struct{}), asked: make(chan struct{})}
	wg.Go(func() { must(engine.Call(ctx, w.Engine, "create_snapshot", args{}, echo)) })
	<-ctx.asked // it waits
	g.open <- struct{}{}
	wg.Wait()
	if s := trace.Spans; len(s) != 2 || s[0].Wait <= 0 || s[1].Wait != 0 {
		t.Errorf("got %+v, want the first step to have waited", s)
	}
}

// endingContext tells once when somebody begins to wait for its end.
type endingContext struct {
	context.Context
	done, asked chan struct{}
	once        sync.Once
}

func (c *endingContext) Done() <-chan struct{} {
	c.once.Do(func() { close(c.asked) })
	return c.done
}

// chain are services, each of whose hooks calls the next through a host object, and the last one the first again.
func chain(t *testing.T, passOn ...bool) (first *world, last *error) {
	t.Helper()
	worlds := make([]*world, len(passOn))
	last = new(error)
	for i, on := range passOn {
		method := "Bare"
		if on {
			method = "WithContext"
		}
		c := &caller{call: func(ctx context.Context) error {
			next := worlds[(i+1)%len(worlds)]
			_, err := engine.Call(ctx, next.Engine, "create_snapshot", args{}, echo)
			if i == len(worlds)-1 {
				*last = err
			}
			return err
		}}
		worlds[i] = newWorld(t, engine.Options{Objects: map[string]engine.Object{"host": {Value: c, Methods: []string{method}}}},
			hook("h", "function pre() host:"+method+"() end", func(h *config.Hook) { h.Timeout = time.Minute }))
	}
	return worlds[0], last
}

func TestReentrance14IsSeenThroughOtherServices(t *testing.T) {
	for name, passOn := range map[string][]bool{
		"with contexts":                  {true, true},
		"the first drops its context":    {false, true},
		"the second drops its context":   {true, false},
		"both drop their contexts":       {false, false},
		"three":                          {true, true, true},
		"three, of which the first does": {false, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			w, last := chain(t, passOn...)
			_, err := w.call(share{})
			if wantHookError(t, err, engine.KindScript, engine.ErrReentrant.Error()); !errors.Is(*last, engine.ErrReentrant) {
				t.Errorf("the innermost call got %v, want ErrReentrant", *last)
			}
		})
	}
}

func TestReentrance14IsSeenBeforeTheDriverIsCalled(t *testing.T) {
	c := &caller{}
	called := false
	w := newWorld(t, engine.Options{Objects: map[string]engine.Object{"host": {Value: c, Methods: []string{"WithContext"}}}},
		hook("a", `function pre.outer() host:WithContext() end function post.inner() end function finally.inner() end`))
	c.call = func(ctx context.Context) error {
		_, err := engine.Call(ctx, w.Engine, "inner", args{}, func(context.Context, args) (share, error) {
			called = true
			return share{}, nil
		})
		return err
	}
	_, err := engine.Call(context.Background(), w.Engine, "outer", args{}, echo)
	if wantHookError(t, err, engine.KindScript, engine.ErrReentrant.Error()); called {
		t.Error("the driver of the inner call was called")
	}
}
